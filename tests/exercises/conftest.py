"""Tests marked ``keras`` run in a process of their own, see ``apart.py``, and are reported here one by one."""

import pytest
from apart import APART, key_of, outcomes_with_tensorflow

_OUTCOMES = pytest.StashKey()


def _in_keras(item):
    return item.get_closest_marker("keras") is not None


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Report what became of such a test in the other process, which runs all of a file when it is the first's turn."""
    if APART or not _in_keras(pyfuncitem):
        return None
    outcomes, path = pyfuncitem.session.stash.setdefault(_OUTCOMES, {}), pyfuncitem.path
    if path not in outcomes:
        beside = [item for item in pyfuncitem.session.items if item.path == path and _in_keras(item)]
        outcomes[path] = outcomes_with_tensorflow(beside)
    outcome, why = outcomes[path][key_of(pyfuncitem)]
    if outcome == "skipped":
        pytest.skip(why)
    if outcome:
        pytest.fail(why, pytrace=False)
    return True
