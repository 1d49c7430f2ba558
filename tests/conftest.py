"""How the tests are shared out among processes: file by file, but what looks at the one graded bank stays together."""

import pytest

_LOOK_AT_THE_BANK = tuple(f"tests/grading/test_{name}.py" for name in ("bank", "canaries", "outputs"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Hand out whole files; grading the bank takes minutes, so that one process does it for all that look at it."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return "the bank" if nodeid.startswith(_LOOK_AT_THE_BANK) else super()._split_scope(nodeid)

    return Together(config, log) if config.getvalue("dist") == "loadfile" else None
