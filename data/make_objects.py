"""Make ``samples/objects.*`` from Debian's package tuxpaint-stamps-default 2022.06.04-1.

    apt-get download tuxpaint-stamps-default=2022.06.04-1
    python data/make_objects.py tuxpaint-stamps-default_2022.06.04-1_all.deb

It writes the cut-outs (``.zip``), their list (``.tsv``) and their licence (``_COPYING.txt``). The same package
gives the same bytes with the same Pillow; another version of Pillow may pack the pictures in other bytes.
"""

import argparse
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageStat

from labkit.datasets.manifest import register

SHA256 = "6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34"
GPL = Path("/usr/share/common-licenses/GPL-2")  # part of every Debian and Ubuntu
GPL_SHA256 = "8177f97513213526df2cf6184d8ff986c675afb514d4e68a404010521b880643"
STAMPS, COPYRIGHT = "./usr/share/tuxpaint/stamps/", "./usr/share/doc/tuxpaint-stamps-default/copyright"
DEALT = ("train", "test", "train", "validation", "train", "test", "train", "train")
SIDE = 128  # pixels, the longest side of a cut-out
VISIBLE = 24  # of 255: less is the ragged rim of a hand-made mask, and no part of the object

# Class -> folders to look in, and the photographs chosen by eye. "+" joins pictures of one object, or of objects
# that cannot be told apart: they must not stand in two splits. Left out: drawings, toys, mirrored copies, masks
# with holes, and scenes.
CHOSEN = {
    "mammals": ("animals/mammals animals/marsupials", """
        chimp gorilla tamarin_emperor dolphin orca otter sea_lion whale badger bear european-bear bison
        bull cow cow_white zebu gnu-baby-stand gnu-baby gnu-sitting gnu-stand goat indian_blackbuck mountaingoat
        ram sheep sheep_lamb yak camel dromedary lion-2 lion tiger tiger_sumatran caribou deer doe wapiti
        dingo dog fox elephant donkey donkey_eating horse zebra ferret giraffe hippopotamus
        pig pig_golden+pig_golden2 rabbit_little rabbit-2 rabbit rhino_black beaver capybara marmot mouse rat
        squirrel wildboar kangaroo koala wombat"""),
    "birds": ("animals/birds", """
        adelaide-rosella blackbird chicken_profile hen rooster crow crowned_crane cuckoo drake duck gander
        guineafowl helmeted_guineafowl heron_greatblue heron_greatblue_flying lark
        little-penguin magellanic_penguin penguin magpie nandou ostrich owl peacock pelican pigeon pink_flamingo
        quetzal rainbow-lorikeet seagull silver-gull tucan turkey vulture"""),
    "flowers": ("plants/flowers", """
        adeenia anemone_red anthoorium bolsom chemparathi+flower10 daffodil flower1 flower2 flower3 flower4 flower5
        flower6 flower7 flower8 flower9 iris marigold pigface red-gazania rose whitestar-petunia yellow-flower"""),
    "fruit and vegetables": ("food/fruit food/vegetables plants/trees", """
        Apricot_whole apricot Cherry_Stella Strawberry2 strawberry
        apple_fuji apple_granny_smith apple_green apple_red apple_sierra_beauty avocado banana cherimoya grapes kiwi
        lemon mandarine orange orange_seville sliced_orange mango pear pineapple pomegranate raspberry sliced_lime
        rambutan broccoli carrot chilepepper corn eggplant garlic garlics lettuce redlettuce mushroom onion
        pattypan_squash pepper+yellowpepper potato pumpkin_small tomato yam"""),
    "vehicles": ("vehicles military/vehicles", """
        beetle sedan sportscar2 truck dumper pink_tricycle firetruck balloon360 747 garbagetruck green_korean_bus
        indycar chineseJunk walnutBoat bradley f22_raptor infantry-stryker ww2_german_gun"""),
    "road signs": ("town/roadsigns", """
        arrow crossroads dead_end_sign give_way_sign yield hospital no_entry_sign no_uturn railroad_crossing
        roundabout school_sign stop t-junction toilets xing_ped xing_school"""),
    "tools": ("household", """
        hammer key mallet_metal measuring_tape nutcracker paintbrush_large pen_dryerase pepper_grinder plyers saw
        scissors_small_closed+scissors_small_open spade toolbox wrench wrench_adjustable wrench_plumbers"""),
    "coins": ("symbols/money", """
        canadian/coins/001penny canadian/coins/005nickel canadian/coins/010dime canadian/coins/025quarter 100loonie
        200toonie 001+002+005 010+020+050 100+200 yen001 yen005 yen010 yen050 yen100 yen500 us/coins/001penny
        us/coins/005nickel us/coins/010dime us/coins/025quarter 050kennedy-halfdollar 100sacagawea"""),
    "string instruments": ("hobbies/music", """
        cello guitar2 guitar_classical guitar_electric guitar_electric_bass violin"""),
    "gravestones": ("seasonal/halloween", """
        grave-a grave-b grave-c grave-d grave-e grave-f grave-g grave-h grave-i grave-j"""),
    "fish": ("animals/fish", """
        bluegroper butterflyfish clownfish coraltrout dolphinfish lionfish moonwrasse seahorse stripedfish"""),
    "insects": ("animals/insects", """
        bee fly grasshopper hornet hoverfly mantis xanthia"""),
    "trees and shrubs": ("plants", """
        birch holm_oak liberia-palm tree336 plants/eggplant lavender lettuce_bolted thyme"""),
}  # fmt: skip


class CutOut(NamedTuple):
    """One object: where it comes from, what it is, and its picture."""

    original: str
    label: str
    group: str
    split: str
    picture: Image.Image


def read_package(deb: Path) -> dict[str, bytes]:
    """The photographs (by their path among the stamps) and the copyright file of the package."""
    packed = deb.read_bytes()
    if (got := hashlib.sha256(packed).hexdigest()) != SHA256:
        raise SystemExit(f"{deb}: got SHA-256 {got}; wanted {SHA256}, tuxpaint-stamps-default_2022.06.04-1_all.deb.")
    data = next(content for name, content in members_of_ar(packed) if name.startswith("data.tar"))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {
            member.name.removeprefix(STAMPS): archive.extractfile(member).read()
            for member in archive
            if member.isfile() and (member.name == COPYRIGHT or is_photograph(member.name))
        }


def is_photograph(name: str) -> bool:
    """Whether a file of the package may be one: drawings are vector graphics or stand in folders of their own."""
    return name.startswith(STAMPS) and name.endswith(".png") and "/cartoon/" not in name


def members_of_ar(packed: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each member of an ar archive, which is what a .deb is."""
    start = len(b"!<arch>\n")
    while start < len(packed):
        head = packed[start : start + 60]
        size = int(head[48:58])
        yield head[:16].decode().rstrip(" /"), packed[start + 60 : start + 60 + size]
        start += 60 + size + size % 2


def find(name: str, folders: list[str], package: dict[str, bytes]) -> str:
    """The path of the one photograph of this name below the folders."""
    below = [path for path in package if path.startswith(tuple(f"{folder}/" for folder in folders))]
    found = [path for path in below if f"/{path}".endswith(f"/{name}.png")]
    if len(found) != 1:
        raise SystemExit(f"{name}: got {found}; wanted one photograph in {', '.join(folders)}.")
    return found[0]


def cut_out(png: bytes) -> Image.Image:
    """The object alone, its longest side at most ``SIDE``."""
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    visible = picture.getchannel("A").point(lambda alpha: 255 * (alpha >= VISIBLE))
    picture = picture.crop(visible.getbbox())
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=None)
    return picture


def brightness(picture: Image.Image) -> float:
    """The mean brightness of an object, from 0 to 255."""
    inside = picture.getchannel("A").point(lambda alpha: 255 * (alpha > 127))
    return ImageStat.Stat(picture.convert("L"), inside).mean[0]


def assign_splits(groups: dict[str, float]) -> dict[str, str]:
    """Group -> split, for the groups of one class, given how bright each is.

    A class has few objects, and a split drawn at random easily gets all the dark ones. So they are dealt out in
    the order of their brightness: one in four is for testing, one in eight for validation.
    """
    order = sorted(groups, key=lambda group: (groups[group], group))
    return {group: DEALT[place % len(DEALT)] for place, group in enumerate(order)}


def cut_outs(package: dict[str, bytes]) -> Iterator[CutOut]:
    """All chosen objects, class by class."""
    for label, (folders, names) in CHOSEN.items():
        paths = {
            joined.partition("+")[0]: [find(name, folders.split(), package) for name in joined.split("+")]
            for joined in names.split()
        }
        pictures = {group: [cut_out(package[path]) for path in found] for group, found in paths.items()}
        split = assign_splits({group: brightness(shown[0]) for group, shown in pictures.items()})
        for group, found in paths.items():
            for path, picture in zip(found, pictures[group], strict=True):
                yield CutOut(path, label, group, split[group], picture)


def webp(picture: Image.Image) -> bytes:
    """The picture as WebP: colours with small losses, the mask without any."""
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=85, alpha_quality=100, method=6)
    return file.getvalue()


def main() -> None:
    """Write the cut-outs, their list, their licence, and the rows of the manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("deb", type=Path)
    parser.add_argument("--gpl", type=Path, default=GPL, help="the text of the GPL, version 2 (default: %(default)s)")
    arguments = parser.parse_args()
    gpl = arguments.gpl.read_bytes()
    if hashlib.sha256(gpl).hexdigest() != GPL_SHA256:
        raise SystemExit(f"{arguments.gpl}: wanted the GPL, version 2, as Debian's /usr/share/common-licenses has it.")
    package = read_package(arguments.deb)
    folder = Path(__file__).parent / "samples"
    lines = ["object\tfile\tclass\tgroup\tsplit\toriginal\twidth\theight"]
    with zipfile.ZipFile(folder / "objects.zip", "w", zipfile.ZIP_STORED) as archive:
        for number, (original, label, group, split, picture) in enumerate(cut_outs(package)):
            name = f"{label.replace(' ', '_')}/{number:03}_{Path(original).stem}.webp"
            archive.writestr(zipfile.ZipInfo(name), webp(picture))  # a ZipInfo of its own: dated 1980, on every day
            fields = (number, name, label, group, split, original, *picture.size)
            lines.append("\t".join(map(str, fields)))
    (folder / "objects.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    (folder / "objects_COPYING.txt").write_bytes(package[COPYRIGHT] + b"\n" + gpl)
    for name in ("objects.zip", "objects.tsv", "objects_COPYING.txt"):
        register(
            folder / name,
            source="Debian package tuxpaint-stamps-default 2022.06.04-1",
            licence="GPL-2, Copyright 2002-2022 by Bill Kendrick; see samples/objects_COPYING.txt",
        )
    print(f"{len(lines) - 1} objects, {(folder / 'objects.zip').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
