"""No submission of the bank has read, reached, changed or left alive anything outside of its own sealed process."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from course.grading.sealed_runs import needs_sandbox
from grading.bank import lay_out
from grading.conftest import ENTERED, OPTIONS, records_of
from grading.course import given_notebook
from grading.spies import VARIABLE, canaries, spies

from labkit.course.grading.batch import grade_folder

pytestmark = needs_sandbox

REFUSED = {
    "reads what it knows the place of": None,
    "reaches the machine": {"interfaces": []},
    "changes what it can": {"temporary": "mine"},
}


def told(bank, name):
    """Try by try, what a spy got."""
    return told_in(bank.records[name])


def told_in(record):
    [answer] = [mark["answer"] for mark in record["automatic"]["marks"] if mark["exercise"] == "1.6"]
    return json.loads(answer)


@pytest.mark.parametrize("name", REFUSED)
def test_every_try_is_refused(bank, name):
    tries = told(bank, name)
    allowed = REFUSED[name] or {}
    assert len(tries) > 5
    assert {key: said for key, said in tries.items() if not str(said).startswith("refused: ")} == allowed


def test_there_is_nothing_to_be_found(bank):
    assert told(bank, "looks everywhere") == {"notebooks_and_marks": [], "solutions": [], "judges": []}


def test_no_variable_is_seen(bank):
    tries = told(bank, "reads variables")
    assert tries["variables"]["USER"] == "student"
    assert VARIABLE not in json.dumps(tries)


def test_no_spy_tells_a_secret(bank):
    records = [record for name, record in bank.records.items() if name != "the neighbour"]
    assert bank.canaries.secret in json.dumps(bank.records["the neighbour"])
    assert bank.canaries.secret not in json.dumps(records)


def test_nobody_has_reached_the_listener(bank):
    assert bank.connections == 0


def test_nothing_is_changed(bank):
    assert bank.unchanged


def test_what_is_left_behind_was_there_and_is_alive_no_more(bank):
    assert told(bank, "leaves processes behind") == {"count": 4}
    assert bank.alive == []
    assert bank.canaries.alive() == []


def test_what_a_spy_writes_to_its_own_temporary_folder_is_not_on_this_machine(bank):
    assert told(bank, "changes what it can")["temporary"] == "mine"
    assert not Path("/tmp", bank.canaries.left).exists()


def test_without_a_sandbox_the_same_spies_find_the_canaries(bank, tmp_path):
    """What is shown above, it is the sandbox that does it."""
    folder, out, outside = tmp_path / "returned", tmp_path / "out", tmp_path / "outside"
    for made in (folder, out, outside):
        made.mkdir()
    names = ("the neighbour", "reads what it knows the place of", "reaches the machine")
    with canaries(folder, out, outside / "file.txt", folder / "Nora Neighbour lab1.ipynb") as watched:
        watched.sheet.write_text(ENTERED.format(watched.secret))
        here = [spy for spy in spies(watched) if spy.name in names]
        paths = lay_out(given_notebook(bank.root), here, folder)
        grade_folder(bank.root, folder, out, replace(OPTIONS, unsafe=True), print)
        answers = {name: told_in(records_of(out)[paths[name]]) for name in names[1:]}
        connections = watched.connections()
        sleeping = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)", watched.left]
        with subprocess.Popen(sleeping, stdout=subprocess.PIPE) as left:
            left.stdout.readline()  # before, its command line may not be there
            assert watched.alive() == [str(left.pid)]
            left.kill()
    for place in ("the_home", "outside", "neighbour", "sheet", "link", "shell"):
        assert watched.secret in answers[names[1]][place]
    assert "A judge that compares" in answers[names[1]]["judges"]
    assert answers[names[2]]["connect"] == "reached"
    assert connections >= 3
