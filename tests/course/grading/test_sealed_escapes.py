"""Out of the sandbox nothing is read, reached, changed or left alive: each way out is tried against a canary."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest
from course.grading.sealed_runs import JACCARD, needs_sandbox, outcome, question, report, state

import labkit
from labkit.course.grading.sealed.course_copy import course_copy

pytestmark = needs_sandbox
SECRET = "canary-5d1c"

# Each try is a function; what it returns or raises is handed back under its name.
TRIES = """
import ctypes, glob, json, os, socket, subprocess, sys

def environment():
    return dict(os.environ)

def environments_of_all():
    return [open(path, 'rb').read().decode(errors='replace') for path in glob.glob('/proc/[0-9]*/environ')]

def processes():
    return [open(path, 'rb').read().decode(errors='replace') for path in glob.glob('/proc/[0-9]*/cmdline')]

def home():
    return os.listdir(os.path.expanduser('~'))

def secret_file():
    return open(PATHS['secret']).read()

def secret_through_another_root():
    return [open('/proc/' + pid + '/root' + PATHS['secret']).read() for pid in os.listdir('/proc') if pid.isdigit()]

def secret_through_a_link():
    os.symlink(PATHS['secret'], 'link')
    return open('link').read()

def files_of_the_course():
    return [path for path in (PATHS['solutions'], PATHS['tests'], PATHS['judges']) if os.path.exists(path)]

def judges_anywhere():
    folders = [folder for top in sys.path for folder, _, _ in os.walk(top) if folder.endswith('labkit/exercises')]
    files = [path for folder in folders for path in glob.glob(folder + '/**/*.py', recursive=True)]
    assert files
    return [path for path in files if 'Slip(' in open(path).read()]

def change_a_file_outside():
    open(PATHS['changed'], 'w').write('changed')

def change_the_course():
    open('/course/labkit/__init__.py', 'a').write('#')

def change_python():
    open(os.path.join(sys.prefix, 'canary'), 'w').write('')

def change_the_system():
    return [path for path in ('/x', '/usr/x', '/etc/x', '/dev/x', '/course/x', '/proc/sys/kernel/core_pattern',
                              '/proc/self/oom_score_adj', '/proc/irq/default_smp_affinity') if may_write(path)]

def may_write(path):
    try:
        open(path, 'a').close()
    except OSError:
        return False
    return True

def write_where_the_sockets_were():
    [door] = glob.glob('/tmp/labkit-*')
    open(door + '/x', 'w')

def reach_the_machine():
    with socket.create_connection(('127.0.0.1', PATHS['port']), timeout=1):
        return 'reached'

def reach_an_abstract_socket():
    with socket.socket(socket.AF_UNIX) as plug:
        plug.connect('\\0' + PATHS['abstract'])
        return 'reached'

def reach_a_socket_file():
    with socket.socket(socket.AF_UNIX) as plug:
        plug.connect(PATHS['socket'])
        return 'reached'

def reach_the_world():
    with socket.create_connection(('192.0.2.1', 80), timeout=1):
        return 'reached'

def interfaces():
    return [name for _, name in socket.if_nameindex()]

def become_root():
    os.setuid(0)

def another_namespace():
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000):
        raise OSError(ctypes.get_errno())

def mount():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b'none', b'/tmp', b'tmpfs', 0, None):
        raise OSError(ctypes.get_errno())

def capabilities():
    held = [line.split() for line in open('/proc/self/status') if line.startswith('Cap')]
    return [name for name, value in held if int(value, 16)]

def kill_the_runner():
    for pid in (PATHS['runner'], os.getppid(), 1):
        try:
            os.kill(pid, 9)
        except ProcessLookupError:
            pass

said = {}
for name, attempt in list(globals().items()):
    if callable(attempt) and getattr(attempt, '__module__', '') == '__main__' and name != 'may_write':
        try:
            said[name] = attempt()
        except Exception as error:
            said[name] = f'refused: {type(error).__name__}'
report = json.dumps(said)
"""

REFUSED = [
    "secret_file", "secret_through_another_root", "secret_through_a_link", "change_a_file_outside", "change_the_course",
    "change_python", "write_where_the_sockets_were", "reach_the_machine", "reach_an_abstract_socket",
    "reach_a_socket_file", "reach_the_world", "become_root", "another_namespace", "mount",
]  # fmt: skip


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """What each try said, with the canaries around it."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "neighbour.ipynb").write_text(SECRET)
    secret = Path.home() / f".labkit-{SECRET}-{os.getpid()}"
    secret.write_text(SECRET)
    checkout = Path(labkit.__file__).parents[1]
    abstract = f"{SECRET}-{os.getpid()}"
    os.environ["LABKIT_CANARY"] = SECRET
    with (
        socket.create_server(("127.0.0.1", 0)) as port,
        socket.socket(socket.AF_UNIX) as nameless,
        socket.socket(socket.AF_UNIX) as named,
    ):
        nameless.bind(f"\0{abstract}")
        nameless.listen()
        named.bind(str(outside / "socket"))
        named.listen()
        paths = {
            "secret": str(secret),
            "solutions": str(checkout / "solutions"),
            "tests": str(checkout / "tests"),
            "judges": str(checkout / "labkit"),
            "changed": str(outside / "neighbour.ipynb"),
            "port": port.getsockname()[1],
            "abstract": abstract,
            "socket": str(outside / "socket"),
            "runner": os.getpid(),
        }
        try:
            said = json.loads(report(f"PATHS = {paths!r}\n{TRIES}"))
        finally:
            secret.unlink()
            del os.environ["LABKIT_CANARY"]
        port.settimeout(0)
        with pytest.raises(BlockingIOError):
            port.accept()
    assert (outside / "neighbour.ipynb").read_text() == SECRET
    return said


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(tried, name):
    assert str(tried[name]).startswith("refused: "), tried[name]


@pytest.mark.parametrize("name", ["files_of_the_course", "judges_anywhere", "change_the_system", "capabilities"])
def test_nothing_is_found(tried, name):
    assert tried[name] == []


def test_no_try_saw_a_secret(tried):
    assert SECRET not in json.dumps({name: said for name, said in tried.items() if name != "processes"})


def test_the_home_is_empty_but_for_the_list_of_fonts(tried):
    assert set(tried["home"]) <= {"matplotlib", ".ipython", ".cache"}


def test_the_environment_is_made_of_our_variables_alone(tried):
    shared = set(tried["environment"]) & set(os.environ)
    assert {name for name in shared if tried["environment"][name] == os.environ[name]} <= {
        *("LANG", "LOGNAME", "USER", "LABKIT_DATA", "LABKIT_QUIET", "PATH", "OMP_NUM_THREADS", "MKL_NUM_THREADS"),
        *(
            "CUDA_VISIBLE_DEVICES",
            "PYTHONDONTWRITEBYTECODE",
            "TF_NUM_INTRAOP_THREADS",
            "TF_NUM_INTEROP_THREADS",
            "OPENBLAS_NUM_THREADS",
        ),
    }


def test_there_are_no_processes_but_its_own(tried):
    assert len(tried["processes"]) == 2
    assert tried["kill_the_runner"] is None


def test_there_is_no_network_but_its_own_loop(tried):
    assert tried["interfaces"] == ["lo"]


LEAVES = """
import os, sys, time
if not os.fork():
    os.setsid()
    if not os.fork():
        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(600)', {mark!r}])
    os._exit(0)
time.sleep(0.5)
"""


def running(mark):
    """The processes of this machine with a mark in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            said = path.read_bytes()
        except OSError:
            continue
        if mark.encode() in said and int(path.parent.name) != os.getpid():
            found.append(path.parent.name)
    return found


@pytest.mark.parametrize("unsafe", [False, True])
def test_a_daemon_does_not_outlive_the_run(unsafe):
    mark, ask = f"left-{SECRET}-{unsafe}-{os.getpid()}", question()
    done = outcome(LEAVES.format(mark=mark), JACCARD, ask, unsafe=unsafe)
    assert (done.cell_errors, state(ask, done)) == ([], "right")
    assert running(mark) == []


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("last", ["import os; os._exit(1)", "import os\nwhile True: os.write(1, b'x' * 2**20)"])
def test_a_daemon_does_not_outlive_a_run_that_is_ended(last, unsafe):
    mark = f"ended-{SECRET}-{os.getpid()}"
    assert outcome(LEAVES.format(mark=mark), last, unsafe=unsafe).ended in ("exit", "output")
    assert running(mark) == []


def test_all_ends_with_the_runner():
    mark = f"orphan-{SECRET}-{os.getpid()}"
    code = f"""
    from labkit.course.grading.sealed import Step, Task, run
    run(Task("lab1_txray_text_cnn", "torch", [Step({LEAVES.format(mark=mark)!r}), Step("while True: pass")]))
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), f"runner-{mark}"]) as runner:
        until = time.monotonic() + 30
        while len(running(mark)) < 2 and time.monotonic() < until:  # the runner itself, and the daemon
            time.sleep(0.1)
        assert len(running(mark)) >= 2
        runner.send_signal(signal.SIGKILL)
    until = time.monotonic() + 10
    while running(mark) and time.monotonic() < until:
        time.sleep(0.1)
    assert running(mark) == []


def test_nothing_of_a_run_is_left_on_this_machines_disk(monkeypatch):
    made, make = [], tempfile.mkdtemp
    monkeypatch.setattr(tempfile, "mkdtemp", lambda *given, **more: made.append(make(*given, **more)) or made[-1])
    outcome("open('x', 'w').write('x')\nopen('/tmp/labkit-x', 'w').write('x')")
    assert made
    assert [path for path in (*made, "/tmp/labkit-x") if Path(path).exists()] == []


def test_the_copy_of_the_course_holds_links_to_data_alone():
    links = [path for path in course_copy().rglob("*") if path.is_symlink()]
    assert {path.parent for path in links} == {course_copy() / "data"}
