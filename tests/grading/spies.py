"""Notebooks that look around, and the canaries that they must not find: each spy tells in words what it got.

What a spy tells is its answer to 1.6: every try by its name, with what it gave or with the error that refused it.
"""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grading.answers import WEIGHTED
from grading.bank import STUCK, WAITS, Submission, cell_of, insert

import labkit

_PACKAGE = Path(labkit.__file__).parent
VARIABLE = "LABKIT_CANARY"


@dataclass(frozen=True)
class Canaries:
    """What no submission may read, reach, change or leave alive.

    Attributes:
        secret: the word that stands in each of them; nobody knew it before.
        left: an argument of each process that a spy leaves behind.
        home: a file in the home folder.
        outside: a file outside of the folder of submissions, in one that anyone may write to.
        folder: of the submissions.
        neighbour: what another student returned.
        sheet: the marking sheet, in which marks stand already.
        listener: on 127.0.0.1; whoever connects waits there to be counted.
    """

    secret: str
    left: str
    home: Path
    outside: Path
    folder: Path
    neighbour: Path
    sheet: Path
    listener: socket.socket

    @property
    def port(self) -> int:
        """Of the listener."""
        return self.listener.getsockname()[1]

    def connections(self) -> int:
        """How many have connected since this was last asked."""
        count = 0
        self.listener.settimeout(0)
        while True:
            try:
                self.listener.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1

    def alive(self) -> list[str]:
        """The processes of this machine that a spy has left behind."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if self.left.encode() in path.read_bytes():
                    found.append(path.parent.name)
            except OSError:  # it has ended meanwhile
                continue
        return found


@contextmanager
def canaries(folder: Path, out: Path, outside: Path, neighbour: Path) -> Iterator[Canaries]:
    """Set them out; the secret file in the home folder and the variable are gone afterwards."""
    secret = f"canary-{secrets.token_hex(8)}"
    home = Path.home() / f".labkit-{secrets.token_hex(4)}"
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        made = Canaries(
            secret, f"left-{secrets.token_hex(8)}", home, outside, folder, neighbour, out / "marking.csv", listener
        )
        home.write_text(secret)
        outside.write_text(secret)
        outside.chmod(0o666)
        outside.parent.chmod(0o777)
        os.environ[VARIABLE] = secret
        try:
            yield made
        finally:
            home.unlink()
            del os.environ[VARIABLE]


# The notebooks. Each try is a function; nothing that it raises ends the others.

_TELL = """
import json
told = {}
for name, attempt in list(globals().items()):
    if name.startswith('try_'):
        try:
            told[name[4:]] = attempt()
        except BaseException as error:
            told[name[4:]] = f'refused: {type(error).__name__}'
answer_1_6 = json.dumps(told)[:15000]
"""

_READS = """
import glob, os, subprocess, sys
from pathlib import Path

def try_the_home(): return Path(SECRETS['home']).read_text()
def try_outside(): return Path(SECRETS['outside']).read_text()
def try_neighbour(): return Path(SECRETS['neighbour']).read_text()
def try_sheet(): return Path(SECRETS['sheet']).read_text()
def try_solution(): return Path(SECRETS['solution']).read_text()[:100]
def try_judges(): return Path(SECRETS['judges']).read_text()[:100]
def try_folder(): return os.listdir(SECRETS['folder'])
def try_homes(): return [str(path) for top in ('/root', '/home') for path in Path(top).iterdir()]
def try_other_process():
    return [Path(f'/proc/{pid}/root{SECRETS["home"]}').read_text() for pid in os.listdir('/proc') if pid.isdigit()]
def try_link():
    os.symlink(SECRETS['home'], 'link')
    return Path('link').read_text()
def try_hard_link():
    os.link(SECRETS['home'], 'hard')
    return Path('hard').read_text()
def try_shell(): return subprocess.run(['cat', SECRETS['home']], capture_output=True, text=True, check=True).stdout
"""

_FINDS = """
import os
def look(wanted):
    found = []
    for top, folders, names in os.walk('/'):
        folders[:] = [name for name in folders if os.path.join(top, name) not in ('/proc', '/sys', '/dev')]
        found += [os.path.join(top, name) for name in names if wanted(name)]
    return found
def is_of_the_course(name): return name.endswith('.ipynb') or name in ('marking.csv', 'grades.csv', 'grades.json')
def try_notebooks_and_marks():
    return [path for path in look(is_of_the_course) if 'site-packages' not in path]
def try_solutions(): return [path for path in look(lambda name: name.startswith('lab1_txray') and name.endswith('.py'))]
def try_judges():
    paths = look(lambda name: name in ('comparing.py', 'in_words.py', 'overlap.py'))
    return [path for path in paths if 'exercises' in path and 'Slip' in open(path).read()]
"""

_ENVIRONMENT = """
import glob, os, subprocess
def try_variables(): return dict(os.environ)
def try_variables_of_all(): return [open(path, 'rb').read().decode() for path in glob.glob('/proc/[0-9]*/environ')]
def try_commands_of_all(): return [open(path, 'rb').read().decode()[:200] for path in glob.glob('/proc/[0-9]*/cmdline')]
def try_shell(): return subprocess.run('env', capture_output=True, text=True).stdout
"""

_REACHES = """
import os, socket, subprocess, urllib.request
def try_connect():
    with socket.create_connection(('127.0.0.1', SECRETS['port']), timeout=1): return 'reached'
def try_localhost():
    with socket.create_connection(('localhost', SECRETS['port']), timeout=1): return 'reached'
def try_page(): return urllib.request.urlopen(f"http://127.0.0.1:{SECRETS['port']}/", timeout=1).read().decode()
def try_shell():
    command = f"exec 3<>/dev/tcp/127.0.0.1/{SECRETS['port']}"
    return subprocess.run(['bash', '-c', command], capture_output=True, text=True, check=True).stdout
def try_datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug: return plug.sendto(b'x', ('192.0.2.1', 53))
def try_interfaces(): return [name for _, name in socket.if_nameindex() if name != 'lo']
"""

_CHANGES = """
import os, shutil, sys
from pathlib import Path
def try_outside(): Path(SECRETS['outside']).write_text('changed')
def try_home(): Path(SECRETS['home']).write_text('changed')
def try_neighbour(): Path(SECRETS['neighbour']).write_text('{}')
def try_new_file_beside(): Path(SECRETS['folder'], 'new lab1.ipynb').write_text('{}')
def try_sheet(): Path(SECRETS['sheet']).write_text('student,exercise,points,comment')
def try_records(): Path(SECRETS['sheet']).with_name('records').joinpath('x.json').write_text('{}')
def try_grades(): Path(SECRETS['sheet']).with_name('grades.csv').write_text('all right')
def try_delete(): os.remove(SECRETS['outside'])
def try_judges(): Path(SECRETS['judges']).write_text('judge = None')
def try_course(): Path('/course/labkit/__init__.py').write_text('')
def try_python(): Path(sys.prefix, 'canary.pth').write_text('')
def try_temporary():
    Path('/tmp', SECRETS['left']).write_text(SECRETS['left'])  # which is a place of its own
    return 'mine'
"""

_LEAVES = """
import os, subprocess, sys, time
mark = SECRETS['left']
sleep = [sys.executable, '-c', 'import time; time.sleep(900)', mark]
subprocess.Popen(f"nohup {' '.join(map(repr, sleep))} >/dev/null 2>&1 &", shell=True)
subprocess.Popen(sleep, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
subprocess.Popen(['setsid', '--fork', *sleep])
if not os.fork():
    os.setsid()
    if not os.fork():
        os.chdir('/')
        os.closerange(0, 200)
        os.execv(sys.executable, sleep)
    os._exit(0)
time.sleep(1)
"""
_COUNTS = """
import glob
def try_count():
    commands = [open(path, 'rb').read() for path in glob.glob('/proc/[0-9]*/cmdline')]
    return sum(SECRETS['left'].encode() in command for command in commands)
"""
_EXITS = "\nimport os\nos._exit(0)\n"


def spies(canaries: Canaries) -> tuple[Submission, ...]:
    """The notebooks, with the addresses of these canaries written into them."""
    known = {
        "home": str(canaries.home),
        "outside": str(canaries.outside),
        "neighbour": str(canaries.neighbour),
        "sheet": str(canaries.sheet),
        "folder": str(canaries.folder),
        "solution": str(_PACKAGE.parent / "solutions" / "lab1_txray_text_cnn.py"),
        "judges": str(_PACKAGE / "exercises" / "comparing.py"),
        "port": canaries.port,
        "left": canaries.left,
    }

    def spy(name: str, code: str, mark: str = WAITS) -> Submission:
        answer = f"SECRETS = {known!r}\n{code}\n{_TELL}"
        return Submission(name, {"1.6": answer, "1.15": WEIGHTED}, {"1.6": mark, "1.15": 3})

    def leaves(name: str, code: str) -> Submission:
        return Submission(
            name,
            {"1.15": WEIGHTED},
            {"1.15": 3},
            lambda notebook: insert(notebook, f"SECRETS = {known!r}\n{code}", cell_of(notebook, "1.6")),
        )

    return (
        Submission(
            "the neighbour",
            {"1.6": f"answer_1_6 = '''{canaries.secret}: more reviews bring more credits and more different words.'''"},
            {"1.6": WAITS},
            path=canaries.neighbour.name,
        ),
        spy("reads what it knows the place of", _READS),
        spy("looks everywhere", _FINDS),
        spy("reads variables", _ENVIRONMENT),
        spy("reaches the machine", _REACHES),
        spy("changes what it can", _CHANGES),
        spy("leaves processes behind", _LEAVES + _COUNTS),
        leaves("leaves processes behind and exits", _LEAVES + _EXITS),
        spy(
            "leaves processes behind in an answer that never ends",
            _LEAVES + "\nwhile True:\n    try:\n        while True: pass\n    except BaseException: pass",
            STUCK,
        ),
        Submission(
            "tells its inputs in an error",
            {
                "1.9": "def word_scores(embedding, weight, bias):\n    raise ValueError(str(embedding.tolist()))",
                "1.14": "def jaccard(a, b):\n    raise KeyError(repr((a, b)) * 20)",
                "1.15": WEIGHTED,
            },
            {"1.9": 0, "1.14": 0, "1.15": 3},
        ),
    )
