"""Rows are well formed. What they measure is no test: it depends on the machine and its load."""

import importlib
import json
import math
import sys

import pytest

from labkit.benchmarks import harness

TOY = """
VARIANTS = ("floor", "tenfold", "big")

def prepare(small=False):
    n = 1 if small else 200
    return {
        "floor": lambda: sum(range(n * 1000)),
        "tenfold": lambda: sum(range(n * 10_000)),
        "big": lambda: len(bytearray(n * 500_000)),
    }
"""


@pytest.fixture
def toy(tmp_path, monkeypatch):
    (tmp_path / "toy_benchmark.py").write_text(TOY)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(harness, "BENCHMARKS", {"toy": "toy_benchmark"})


def test_rows_are_well_formed_and_the_json_says_the_same(toy, tmp_path):
    path = tmp_path / "new folder" / "rows.json"
    rows = harness.run(["toy"], path, repeats=1)
    assert [row["variant"] for row in rows] == ["floor", "tenfold", "big"]
    for row in rows:
        assert set(row) == {"name", "variant", "seconds", "floor_seconds", "ratio", "peak_mb"}
        assert row["ratio"] == row["seconds"] / row["floor_seconds"]
        assert row["seconds"] > 0
    assert rows[2]["peak_mb"] > 90  # it asks for 100 MB at once
    assert rows[0]["peak_mb"] < 10
    assert json.loads(path.read_text()) == rows
    assert [file.name for file in path.parent.iterdir()] == ["rows.json"]


def test_a_variant_may_have_a_floor_of_its_own(tmp_path, monkeypatch):
    (tmp_path / "floors_benchmark.py").write_text("""
VARIANTS, FLOORS = ("floor", "work"), {"work": "its own floor"}

def prepare(small=False):
    return {"floor": lambda: 1 / 0, "work": lambda: sum(range(100_000)), "its own floor": lambda: sum(range(100_000))}
""")
    monkeypatch.syspath_prepend(tmp_path)
    assert harness.measure("floors_benchmark", "work", repeats=1, small=False)["floor_seconds"] > 0
    with pytest.raises(ZeroDivisionError):
        harness.measure("floors_benchmark", "floor", repeats=1, small=False)


def test_pytorch_and_tensorflow_are_not_loaded_here(toy):
    harness.run(["toy"], repeats=1, small=True)
    assert "toy_benchmark" not in sys.modules


def test_unset_names_mean_all(toy):
    assert {row["name"] for row in harness.run(repeats=1, small=True)} == {"toy"}


def test_a_beginning_names_all_that_begin_so(toy, monkeypatch):
    monkeypatch.setattr(harness, "BENCHMARKS", dict.fromkeys(["toy", "toy_too", "other"], "toy_benchmark"))
    assert {row["name"] for row in harness.run(["toy"], repeats=1, small=True)} == {"toy", "toy_too"}


def test_an_unknown_name_is_refused_with_the_list():
    with pytest.raises(ValueError, match="'txrays'; wanted one of .*txray"):
        harness.run(["txrays"])


def test_an_error_in_a_variant_reaches_the_caller(tmp_path, monkeypatch):
    (tmp_path / "sick_benchmark.py").write_text(
        "VARIANTS = ('floor',)\ndef prepare(small=False): raise OSError('no data')"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(harness, "BENCHMARKS", {"sick": "sick_benchmark"})
    with pytest.raises(OSError, match="no data"):
        harness.run()


def test_the_table_has_a_line_per_row():
    row = {"name": "toy", "variant": "v", "seconds": 1.0, "floor_seconds": 2.0, "ratio": 0.5, "peak_mb": 3.21}
    head, *lines = harness.in_words([row, row])
    assert lines == [("toy", "v", "1.000", "2.000", "0.500", "3.2")] * 2
    assert len(head) == len(lines[0])


@pytest.mark.parametrize("taken", ["file/rows.json", "folder"])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_measured(tmp_path, monkeypatch, taken):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    monkeypatch.setattr(harness, "_in_fresh_process", lambda *arguments: pytest.fail("measured"))
    with pytest.raises(ValueError, match=taken):
        harness.run(["txray"], tmp_path / taken)


def test_the_harness_can_be_imported_where_the_system_has_no_resource_module(monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    importlib.reload(harness)


def test_txrays_variants_find_the_same(monkeypatch):
    from labkit.benchmarks import txray

    works = txray.prepare(small=True)
    assert tuple(works) == txray.VARIANTS
    by_hooks, by_scores, by_loop = (works[name]() for name in ("hooks", "word scores", "plain loop"))
    for found in (by_hooks, by_scores):
        rows = found.table().to_dict("records")
        assert len(rows) == sum(len(ngrams) for ngrams in by_loop.values())
        for row in rows:
            values = by_loop[row["width"], int(row["filter"].split("f")[1])][row["feature"]]
            assert row["count"] == len(values)
            assert math.isclose(row["max"], max(values), abs_tol=1e-5)
