"""Bytes of returned notebooks: whatever cells are whole are read, and what was mended is said."""

import json
from pathlib import Path

import nbformat
import pytest

from labkit.course.grading.intake import parsing
from labkit.course.grading.intake.reading import REPAIRS, read

ROOT = Path(__file__).parents[4]
LAB1 = ROOT / "notebooks" / "lab1_txray_text_cnn.ipynb"


def code(text, **more):
    return {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": text, **more}


def notebook(*cells, **more):
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells), **more}


def dumped(*cells, **more):
    return json.dumps(notebook(*cells, **more), ensure_ascii=False)


def texts(data):
    reading = read(data)
    assert reading.problem == ""
    return [cell.text for cell in reading.cells]


WORDS = dumped(code("naïve = 'Müller'"), code("done = True"))
WANTED = ["naïve = 'Müller'", "done = True"]


# Whole notebooks


def test_a_labs_notebook_is_read_as_nbformat_reads_it():
    wanted = nbformat.read(LAB1, as_version=4)
    reading = read(LAB1.read_bytes())
    assert [(cell.kind, cell.text) for cell in reading.cells] == [(c.cell_type, c.source) for c in wanted.cells]
    assert (reading.repairs, reading.problem) == ((), "")


@pytest.mark.parametrize("worksheets", [1, 2])
def test_a_labs_notebook_in_version_3_has_the_same_cells(worksheets):
    wanted = nbformat.read(LAB1, as_version=4)
    old = nbformat.convert(nbformat.read(LAB1, as_version=4), 3)
    if worksheets == 2:
        (sheet,) = old.worksheets
        old.worksheets.append(nbformat.from_dict({**sheet, "cells": sheet.cells[20:]}))
        sheet.cells = sheet.cells[:20]
    data = json.dumps(old).encode()
    assert b'"input"' in data
    reading = read(data)
    assert [(cell.kind, cell.text) for cell in reading.cells] == [(c.cell_type, c.source) for c in wanted.cells]
    assert reading.repairs == ()


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ({"cell_type": "heading", "level": 3, "source": "Two\nlines"}, ("markdown", "### Two lines")),
        ({"cell_type": "heading", "level": "x", "source": ["A head"]}, ("markdown", "# A head")),
        ({"cell_type": "heading", "source": "A head"}, ("markdown", "# A head")),
        ({"cell_type": "html", "source": "<b>x</b>"}, ("markdown", "<b>x</b>")),
        ({"cell_type": "code", "input": ["a = 1\n", "b = 2"], "language": "python"}, ("code", "a = 1\nb = 2")),
        ({"cell_type": "code", "input": "", "prompt_number": 7}, ("code", "")),
        ({"cell_type": "Markdown", "source": "x"}, ("markdown", "x")),
    ],
)
@pytest.mark.parametrize("version", [2, 3, "3", None])
def test_cells_of_older_versions(version, cell, wanted):
    old = {"nbformat": version, "worksheets": [{"cells": [cell]}], "metadata": {}}
    reading = read(json.dumps(old).encode())
    assert [(cell.kind, cell.text) for cell in reading.cells] == [wanted]
    assert reading.repairs == ()


@pytest.mark.parametrize(
    "more",
    [
        {"nbformat": "4"},
        {"nbformat": 4, "nbformat_minor": 99},
        {"nbformat": 5},
        {"nbformat": None, "nbformat_minor": None},
        {"metadata": None},
        {"metadata": [1]},
        {"metadata": {"widgets": {"application/vnd.jupyter.widget-state+json": {"x": {}}}}},
        {"colab": {"provenance": []}},
        {"worksheets": "none"},
    ],
)
def test_what_stands_beside_the_cells_does_not_matter(more):
    reading = read(dumped(code("x = 1", id="a"), code("y = 2", id="a"), **more).encode())
    assert [cell.text for cell in reading.cells] == ["x = 1", "y = 2"]
    assert reading.repairs == ()


@pytest.mark.parametrize("key", ["outputs", "metadata", "execution_count"])
def test_cells_may_lack_what_is_not_their_text(key):
    cell = code("x = 1")
    del cell[key]
    assert texts(dumped(cell).encode()) == ["x = 1"]
    assert texts(dumped({**cell, key: "odd"}).encode()) == ["x = 1"]


# Texts of cells


@pytest.mark.parametrize(
    ("source", "wanted", "said"),
    [
        ("a\nb", "a\nb", ""),
        (["a\n", "b"], "a\nb", ""),
        (["a\r\n", "b\r", "c"], "a\nb\nc", ""),
        ("a\r\n\tb\rc", "a\n\tb\nc", ""),
        (["a", "b"], "a\nb", "lines without ends"),
        (["a\n", 5, None, "b"], "a\nb", "lines that were no text"),
        (None, "", ""),
        ({"x": 1}, "", "a dict in place of a text"),
        (12, "", "12 in place of a text"),
        ("x = '\0'", "x = ''", "letters that are none"),
        ("x = '\ud800'", "x = '\ufffd'", "letters that are none"),
        ("x = '\U0001f600'", "x = '\U0001f600'", ""),
        ("\ufeffx", "x", ""),
        ([], "", ""),
    ],
)
def test_a_cells_text(source, wanted, said):
    reading = read(json.dumps(notebook(code(source))).encode())
    assert [cell.text for cell in reading.cells] == [wanted]
    assert [said in repair for repair in reading.repairs] == [True] * bool(said)
    wanted.encode("utf-8")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (None, "Cell 2 was no cell but None"),
        ("x = 1", "Cell 2 was no cell but 'x = 1'"),
        ([1], "Cell 2 was no cell but a list"),
    ],
)
def test_what_is_no_cell_is_left_out(cell, said):
    reading = read(dumped(code("a"), cell, code("b")).encode())
    assert [cell.text for cell in reading.cells] == ["a", "b"]
    assert said in reading.repairs[0]


def test_a_cell_without_a_kind_is_code():
    for kind in ({}, {"cell_type": None}, {"cell_type": "sql"}, {"cell_type": ["code"]}):
        reading = read(dumped({"source": "x = 1", **kind}).encode())
        assert [(cell.kind, cell.text) for cell in reading.cells] == [("code", "x = 1")]
        assert "was taken for code" in reading.repairs[0]


def test_repairs_are_not_endless():
    reading = read(dumped(code("a"), *[None] * 500).encode())
    assert len(reading.repairs) == REPAIRS + 1
    assert "480 more" in reading.repairs[-1]


# Encodings


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", "UTF-16-LE"),
        ("utf-16-le", "UTF-16-LE"),
        ("utf-16-be", "UTF-16-BE"),
        ("utf-32", "UTF-32-LE"),
        ("cp1252", "read as Windows-1252"),
        ("latin-1", "read as Windows-1252"),
    ],
)
def test_encodings(encoding, said):
    reading = read(WORDS.encode(encoding))
    assert [cell.text for cell in reading.cells] == WANTED
    assert [said in repair for repair in reading.repairs] == [True] * bool(said)


def test_bytes_that_windows_does_not_know_are_read_as_latin_1():
    reading = read(WORDS.encode("latin-1").replace(b"done", b"d\x81ne"))
    assert reading.cells[0].text == WANTED[0]
    assert "Latin-1" in reading.repairs[0]


def test_one_damaged_letter_does_not_spoil_the_others():
    reading = read(WORDS.encode().replace(b"done", b"d\xffne"))
    assert [cell.text for cell in reading.cells] == [WANTED[0], "d\ufffdne = True"]
    assert reading.repairs == ("1 damaged letter of the file became \ufffd.",)


# Odd JSON


def nested(depth):
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    "odd",
    ["NaN", "-Infinity", "1e999999", "9" * 10_000, "-" + "9" * 10_000, '"\\ud83d"', '"raw\ttab\nand line"', nested(50)],
)
def test_odd_values_beside_the_text(odd):
    data = dumped(code("x = 1", outputs="ODD"), metadata="ODD").replace('"ODD"', odd)
    assert texts(data.encode()) == ["x = 1"]


def test_raw_tabs_and_line_ends_within_a_text():
    assert texts(dumped(code("A")).replace('"A"', '"if x:\n\ty"').encode()) == ["if x:\n\ty"]


def test_of_keys_that_stand_twice_the_last_counts():
    data = dumped(code("LAST")).replace('"source"', '"source": "first", "source"')
    assert texts(data.encode()) == ["LAST"]


def test_a_cell_nested_too_deeply_costs_that_cell_alone():
    data = dumped(code("a"), code("b", metadata="DEEP"), code("c")).replace('"DEEP"', nested(100_000))
    reading = read(data.encode())
    assert [cell.text for cell in reading.cells] == ["a", "c"]
    assert "nested too deeply): 2 whole cells" in reading.repairs[0]


@pytest.mark.parametrize("deep", ["[" * 200_000, '{"a":' * 200_000, nested(200_000)])
def test_nothing_but_depth_is_refused(deep):
    assert "nested too deeply" in read(deep.encode()).problem or "no valid JSON" in read(deep.encode()).problem


# Damaged notebooks


def test_all_whole_cells_before_a_cut_are_read():
    data = LAB1.read_bytes()
    wanted = [cell.text for cell in read(data).cells]
    for share in (0.2, 0.5, 0.8, 0.99):
        reading = read(data[: int(len(data) * share)])
        found = [cell.text for cell in reading.cells]
        assert found == wanted[: len(found)]
        assert abs(len(found) / len(wanted) - share) < 0.25
        assert "damaged or was cut off" in reading.repairs[0]
        assert f"{len(found)} whole cells were found" in reading.repairs[0]
        assert reading.lost == "the file ends in the middle"


def test_every_cut_of_a_small_notebook_is_survived():
    data = dumped(code("a = 'ü'"), {"cell_type": "markdown", "metadata": {}, "source": ["b\n", "c"]}).encode()
    wanted = ["a = 'ü'", "b\nc"]
    seen = set()
    for end in range(len(data)):
        reading = read(data[:end])
        assert bool(reading.cells) != bool(reading.problem)
        assert [cell.text for cell in reading.cells] == wanted[: len(reading.cells)]
        seen.add(len(reading.cells))
    assert seen == {0, 1, 2}


def test_every_changed_byte_of_a_small_notebook_is_survived():
    data = dumped(code("a = 'ü'"), {"cell_type": "markdown", "metadata": {}, "source": ["b\n", "c"]}).encode()
    for place in range(len(data)):
        for change in (0xFF, 0x80, 0x02):
            reading = read(data[:place] + bytes([data[place] ^ change]) + data[place + 1 :])
            assert bool(reading.cells) != bool(reading.problem)
            json.dumps([cell.text for cell in reading.cells], ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize(
    ("whole", "broken"),
    [
        ('"b"', '"b'),  # a quote is lost
        ('"b"', '"b",,'),
        ("]}", "],}"),
        ("{", "<<<<<<< HEAD\n{"),
        ('"b"', "'b'"),
    ],
)
def test_damage_costs_the_damaged_cell_alone(whole, broken):
    data = dumped(code("a"), code("b"), code("c"))
    assert whole in data
    reading = read(data.replace(whole, broken, 1).encode())
    found = [cell.text for cell in reading.cells]
    assert found in (["a", "c"], ["a", "b", "c"])
    assert "is damaged" in reading.repairs[0]
    assert reading.lost == "the file is damaged"


def test_of_a_whole_file_nothing_is_lost():
    assert read(LAB1.read_bytes()).lost == ""
    assert read((WORDS + "\n").encode()).lost == ""


def test_text_that_looks_like_a_cell_is_not_taken_for_one():
    inner = json.dumps(code("forged"))
    reading = read(dumped(code("a"), code(inner))[:-40].encode())
    assert "forged" not in [cell.text for cell in reading.cells]
    whole = read((dumped(code("a"), code(inner)) + ",").encode())
    assert [cell.text for cell in whole.cells] == ["a", inner]


def test_what_stands_after_the_end_is_left_out_and_said():
    assert texts((WORDS + "\0\0\n").encode()) == WANTED
    reading = read((WORDS + WORDS).encode())
    assert [cell.text for cell in reading.cells] == WANTED
    assert "after the end" in reading.repairs[0]


def test_the_search_in_a_damaged_file_ends():
    reading = read(('{"cells": [' + '{"id": [1, {"id": "x' * parsing.FAILURES * 20).encode())
    assert reading.problem


# What is no notebook


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty file"),
        (b"\0" * 5000, "5000 zeros"),
        (b" \n\t", "3 zeros or blanks"),
        (b"<!DOCTYPE html><html><head><title>Log in</title>", "web page"),
        (b"\n\n  <HTML lang='de'>", "web page"),
        ("<html>".encode("utf-16"), "web page"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"PK\x03\x04\x14\0", "rename it to end in .zip"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"\x89PNG\r\n", "picture"),
        (b"\xd0\xcf\x11\xe0\xa1", "Office"),
        (b"# %%\nimport torch\n", "begins '# %% import torch'"),
        (b"\xff\xd9\x00\x81junk", "no valid JSON"),
        (b"[1, 2]", "JSON that is a list"),
        (b'"text"', "JSON that is a text"),
        (b"null", "JSON that is null"),
        (b"17", "JSON that is a number"),
        (b"{}", "JSON that holds nothing"),
        (b'{"kernels": 1, "b": 2}', "JSON that holds 'kernels', 'b'"),
        (b'{"cells": {}}', "JSON that holds 'cells'"),
        (b'{"nbformat": 4, "cells": []}', "without cells"),
        (b'{"worksheets": [{"cells": 4}, 3]}', "without cells"),
        (b'{"cells": [{"cell_type": "code"', "no valid JSON"),
    ],
)
def test_a_problem_says_what_was_got_and_wanted_and_what_to_do(data, said):
    reading = read(data)
    assert said in reading.problem
    assert reading.problem.startswith("got ")
    assert "wanted" in reading.problem
    assert reading.problem.rpartition(": ")[2].split()[0] in {"ask", "unpack", "rename", "download"}
    assert reading.cells == ()
