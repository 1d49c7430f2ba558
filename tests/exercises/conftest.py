"""Tests marked ``keras`` run in a process of their own, see ``apart.py``, and are reported here one by one."""

import pytest
from apart import APART, key_of, outcomes_with_tensorflow

_OUTCOMES = pytest.StashKey()


def _in_keras(item):
    return item.get_closest_marker("keras") is not None


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Report what became of such a test in the other process, which runs all when it is the first one's turn."""
    if APART or not _in_keras(pyfuncitem):
        return None
    stash = pyfuncitem.session.stash
    if _OUTCOMES not in stash:
        stash[_OUTCOMES] = outcomes_with_tensorflow([item for item in pyfuncitem.session.items if _in_keras(item)])
    failure = stash[_OUTCOMES][key_of(pyfuncitem)]
    if failure is not None:
        pytest.fail(failure, pytrace=False)
    return True
