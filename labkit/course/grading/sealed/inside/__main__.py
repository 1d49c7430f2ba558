"""Start the kernel of a sealed run: python -m labkit.course.grading.sealed.inside CONNECTION_FILE LIMITS."""

import json
import os
import resource
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path

from ipykernel.kernelapp import IPKernelApp


def main(connection_file: str, limits: str) -> None:
    """Set the limits that no child can raise again, then run the kernel until it is killed."""
    wanted = json.loads(limits)
    for name, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, wanted["open_files"]),
        (resource.RLIMIT_FSIZE, wanted["disk_mb"] * 2**20),
    ):
        resource.setrlimit(name, (most, most))
    if wanted["unsafe"]:
        _stay_their_parent()
    # What Matplotlib would otherwise search for a second, in each run anew.
    shutil.copytree(wanted["fonts"], os.environ["MPLCONFIGDIR"])
    IPKernelApp.launch_instance(
        [f"--IPKernelApp.connection_file={connection_file}", "--HistoryManager.enabled=False", "--log-level=ERROR"]
    )


def _stay_their_parent() -> None:
    """Let the kernel be a child of this process, which adopts all that its children leave behind.

    Without a sandbox there is no process that ends them all; whoever wants to finds them below this one.
    """
    import ctypes

    PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    kernel = os.fork()
    if not kernel:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setpgid(0, 0)  # whoever interrupts the kernel reaches what its cells started
        return
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    while True:
        ended, status = os.wait()
        if ended == kernel:
            _end_children()
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _end_children() -> None:
    """Kill what the kernel left behind; the children of whatever is killed are adopted, and killed in their turn."""
    while True:
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it has ended meanwhile
                parent = path.read_text(errors="replace").rpartition(")")[2].split()[1]
                if int(parent) == os.getpid():
                    os.kill(int(path.parent.name), signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
