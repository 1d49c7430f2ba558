"""A kernel in the sandbox, as a provisioner of jupyter_client."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import IO, Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets import Instance, Unicode

from labkit.course.grading.sealed import bubblewrap
from labkit.course.grading.sealed.course_copy import course_copy
from labkit.course.grading.sealed.processes import Processes
from labkit.course.grading.sealed.task import Limits

_NAME = "labkit-sealed"
_INSIDE = "labkit.course.grading.sealed.inside"


class SealedSpecs(KernelSpecManager):
    """The one kernel that there is, whatever kernels this user has installed."""

    limits = Instance(Limits)
    framework = Unicode()
    folder = Unicode()

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The kernel of a sealed run; its command is made by the provisioner."""
        factory = KernelProvisionerFactory.instance()
        factory.provisioners[_NAME] = EntryPoint(_NAME, f"{__name__}:SealedProvisioner", factory.GROUP_NAME)
        config = {"limits": self.limits, "framework": self.framework, "folder": self.folder}
        return KernelSpec(
            argv=["{connection_file}"],
            display_name="sealed",
            language="python",
            metadata={"kernel_provisioner": {"provisioner_name": _NAME, "config": config}},
        )


class SealedProvisioner(LocalProvisioner):
    """Starts the kernel in bubblewrap, or as it is where that was asked for.

    Attributes:
        limits: of the run.
        framework: "torch" or "keras".
        folder: of this machine, in which a run without a sandbox works; "" for a sealed run.
        processes: all of the run.
        started: the one that was started, bubblewrap or the kernel's parent.
    """

    limits = Instance(Limits)
    framework = Unicode()
    folder = Unicode()
    processes: Processes
    started: "subprocess.Popen[bytes]"
    _told = -1

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Make the command; nothing of this process's environment is handed on."""
        kwargs = await super().pre_launch(**kwargs)
        connection_file, sealed = Path(kwargs["cmd"][0]), not self.folder
        home, course = (bubblewrap.HOME, bubblewrap.COURSE) if sealed else (Path(self.folder, "home"), course_copy())
        wanted = {**asdict(self.limits), "unsafe": not sealed, "fonts": str(course / "fonts")}
        command = [sys.executable, "-P", "-m", _INSIDE, str(connection_file), json.dumps(wanted)]
        if sealed:
            self._told, telling = os.pipe()
            kwargs["pass_fds"] = (telling,)
            command = bubblewrap.command(command, self.limits, connection_file.parent, telling)
        # bubblewrap gets no other variables either: its process within shows what it was started with.
        environment = _environment(self.limits, self.framework, home, course)
        output = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        return kwargs | output | {"cmd": command, "cwd": self.folder or "/", "env": environment, "independent": True}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start it, and learn which process is the first in the sandbox."""
        connection = await super().launch_kernel(cmd, **kwargs)
        assert self.process is not None
        self.started = self.process
        self.processes = Processes(self.started.pid, sealed=False) if self.folder else self._in_the_sandbox(kwargs)
        return connection

    def _in_the_sandbox(self, kwargs: dict[str, Any]) -> Processes:
        os.close(kwargs["pass_fds"][0])
        with os.fdopen(self._told) as told:
            said = told.read()
        with suppress(OSError):
            first = int(json.loads(said)["child-pid"]) if said else -1
            # Where memory ends, this ends before all else.
            Path(f"/proc/{first}/oom_score_adj").write_text("1000")
            return Processes(first, sealed=True)
        return Processes(self.started.pid, sealed=False)  # it was gone at once, which is found out in a moment

    @property
    def errors(self) -> IO[bytes]:
        """What the process that was started writes to its standard error."""
        assert self.started.stderr is not None
        return self.started.stderr

    def end(self) -> None:
        """End every process of the run, and wait for it."""
        self.processes.end()
        self.started.wait()
        self.errors.close()


def _environment(limits: Limits, framework: str, home: Path, course: Path) -> dict[str, str]:
    """All the variables that there are in a sealed process."""
    threads = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
    return {
        **dict.fromkeys((*threads, "TF_NUM_INTEROP_THREADS"), str(limits.cores)),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
        "PYTHONPATH": str(course),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(home),
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PLOTLY_RENDERER": "plotly_mimetype",
        "CUDA_VISIBLE_DEVICES": "",
        "LABKIT_DATA": "sample",
        "LABKIT_CACHE": str(course / "cache"),
        "LABKIT_QUIET": "1",
        **({"KERAS_BACKEND": "tensorflow"} if framework == "keras" else {}),
    }
