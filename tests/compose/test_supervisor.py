"""The supervisor with stand-ins for the services: order, restarts, signals, what is left behind."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.compose.waiting import DEADLINE_S, processes_of, wait_for_output, wait_until
from tests.support.stack_process import StackProcess

# A service that says when it is up and when it was asked to stop.
_SERVICE = """\
import os, signal, sys, time
name = sys.argv[1]
def stop(number, frame):
    print(name, "got", signal.Signals(number).name, flush=True)
    sys.exit(0)
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, stop)
print(name, "is up", os.getpid(), flush=True)
while True:
    time.sleep(60)
"""
# A gateway that says it is ready, and a worker that keeps to one core.
_READY = """\
import http.server, os
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", int(os.environ["RIVULET_PORT"])), Ready)
print("ready is up", os.getpid(), flush=True)
server.serve_forever()
"""
_PINNED = """\
import os, time
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
print("pinned is up", os.getpid(), flush=True)
time.sleep(600)
"""
# One that cannot be asked, with a child that cannot either.
_STUBBORN = """\
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() > 0:
    print("stubborn is up", flush=True)
while True:
    time.sleep(60)
"""

Start = Callable[[str], StackProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a supervisor on a Procfile; what it leaves behind is ended after the test."""
    programs = {"service": _SERVICE, "stubborn": _STUBBORN, "ready": _READY, "pinned": _PINNED}
    for name, program in programs.items():
        (tmp_path / f"{name}.py").write_text(program)
    # Broker and store are somebody else's, so that only the Procfile's services are started.
    elsewhere = {"NATS_URL": "nats://127.0.0.1:1", "MONGO_URL": "mongodb://127.0.0.1:1"}
    stack = StackProcess(tmp_path / "data", **elsewhere)

    def run(procfile: str) -> StackProcess:
        (tmp_path / "Procfile").write_text(
            procfile.replace("service", str(tmp_path / "service.py"))
        )
        stack.run("compose", "up", "--procfile", str(tmp_path / "Procfile"))
        return stack

    yield run
    for process in processes_of(stack.data_dir):
        process.kill()


def exit_code(stack: StackProcess) -> int:
    assert stack.process is not None
    return stack.process.wait(DEADLINE_S)


def pid_of(stack: StackProcess, name: str) -> int:
    line = [line for line in stack.output().splitlines() if f"{name} is up" in line][-1]
    return int(line.rsplit(" ", 1)[1])


def test_services_stop_in_the_order_of_the_procfile(start: Start) -> None:
    stack = start(
        "gateway: python service a\nworker: python service b\nanalytics: python service c\n"
    )
    for name in "abc":
        wait_for_output(stack, f"{name} is up")
    assert stack.stop() == 0
    stops = [line.split(" | ")[1] for line in stack.output().splitlines() if "got SIG" in line]
    assert stops == ["a got SIGTERM", "b got SIGTERM", "c got SIGTERM"]
    assert processes_of(stack.data_dir) == []


def test_sigterm_stops_like_ctrl_c(start: Start) -> None:
    stack = start("gateway: python service a\n")
    wait_for_output(stack, "a is up")
    assert stack.process is not None
    stack.process.terminate()
    assert exit_code(stack) == 0
    assert processes_of(stack.data_dir) == []


def test_a_service_that_dies_is_started_again_and_the_output_says_so(start: Start) -> None:
    stack = start("worker: python service a\n")
    wait_for_output(stack, "a is up")
    first = pid_of(stack, "a")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: stack.output().count("a is up") == 2, "the second start")
    assert "worker was ended by SIGKILL; it starts again in 1 s" in stack.output()
    assert pid_of(stack, "a") != first
    assert stack.stop() == 0


def test_a_command_that_does_not_exist_is_named(start: Start) -> None:
    stack = start("worker: no-such-program\n")
    wait_for_output(stack, "cannot start no-such-program: No such file or directory")
    wait_for_output(stack, "worker ended with exit code 1; it starts again in 1 s")
    assert stack.stop() == 0


def test_a_failing_release_step_stops_the_start(start: Start) -> None:
    stack = start("release.step: python -c exit(3)\nworker: python service a\n")
    assert exit_code(stack) == 1
    assert "`python -c exit(3)` failed" in stack.output()
    assert "a is up" not in stack.output()


def test_a_second_ctrl_c_kills_at_once_with_grandchildren(start: Start, tmp_path: Path) -> None:
    stack = start(f"worker: python {tmp_path / 'stubborn.py'}\n")
    wait_for_output(stack, "stubborn is up")
    assert stack.process is not None
    stack.process.send_signal(signal.SIGINT)
    wait_for_output(stack, "Ctrl-C again kills at once")

    def insist() -> bool:
        assert stack.process is not None
        stack.process.send_signal(signal.SIGINT)
        return "killing" in stack.output()

    wait_until(insist, "the second Ctrl-C to be taken")
    assert exit_code(stack) == 130
    wait_until(lambda: processes_of(stack.data_dir) == [], "the grandchild to be gone")


def test_children_share_the_session_but_not_the_terminals_ctrl_c(start: Start) -> None:
    stack = start("gateway: python service a\n")
    wait_for_output(stack, "a is up")
    assert stack.process is not None
    child, supervisor = pid_of(stack, "a"), stack.process.pid
    assert os.getsid(child) == os.getsid(supervisor)
    assert os.getpgid(child) == child
    assert stack.stop() == 0


def test_ctrl_c_on_a_terminal_stops_in_order_and_exits_0(start: Start, tmp_path: Path) -> None:
    stack = start("gateway: python service a\nworker: python service b\n")
    for name in "ab":
        wait_for_output(stack, f"{name} is up")
    assert stack.stop() == 0
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(
            sys.executable,
            [sys.executable, "-m", "compose", "up", "--procfile", str(tmp_path / "Procfile")],
            stack.environment,
        )
    shown = read_until(terminal, b"a is up", b"b is up")
    os.write(terminal, b"\x03")
    shown += read_until(terminal, b"stopped")
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    stops = [line for line in shown.decode().splitlines() if "got SIG" in line]
    assert [stop.split()[-3:] for stop in stops] == [
        ["a", "got", "SIGTERM"],
        ["b", "got", "SIGTERM"],
    ]


def read_until(terminal: int, *texts: bytes) -> bytes:
    shown = b""
    deadline = time.monotonic() + DEADLINE_S
    while not all(text in shown for text in texts):
        assert time.monotonic() < deadline, shown
        shown += os.read(terminal, 4096)
    return shown


def test_children_of_a_killed_supervisor_stop_and_the_next_start_works(start: Start) -> None:
    stack = start("gateway: python service a\n")
    wait_for_output(stack, "a is up")
    assert stack.process is not None
    stack.process.kill()
    stack.process.wait()
    wait_until(lambda: processes_of(stack.data_dir) == [], "the child to stop")
    stack.process = None
    start("gateway: python service again\n")
    wait_for_output(stack, "again is up")
    assert stack.stop() == 0


def test_the_next_start_ends_what_a_killed_supervisor_left(start: Start, tmp_path: Path) -> None:
    stack = start(f"gateway: python {tmp_path / 'stubborn.py'}\n")
    wait_for_output(stack, "stubborn is up")
    assert stack.process is not None
    stack.process.kill()
    stack.process.wait()
    left = processes_of(stack.data_dir)
    assert len(left) == 2
    # A process of somebody else with the same data dir in its environment, as `make worker` is.
    bystander = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"],
        env=stack.environment,
        process_group=0,
    )
    stack.process = None
    start("gateway: python service again\n")
    wait_for_output(stack, "again is up")
    assert not any(psutil.pid_exists(p.pid) and p.is_running() for p in left)
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()
    assert stack.stop() == 0


def test_all_others_keep_to_the_cores_of_the_worker_also_when_they_start_again(
    start: Start, tmp_path: Path
) -> None:
    one_core = {min(os.sched_getaffinity(0))}
    stack = start(f"gateway: python {tmp_path}/ready.py\nworker: python {tmp_path}/pinned.py\n")
    wait_for_output(stack, "ready is up")
    first = pid_of(stack, "ready")
    wait_until(lambda: os.sched_getaffinity(first) == one_core, "the gateway to move")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: pid_of(stack, "ready") != first, "the gateway to start again")
    again = pid_of(stack, "ready")
    wait_until(lambda: os.sched_getaffinity(again) == one_core, "the gateway to move again")
    assert stack.stop() == 0
