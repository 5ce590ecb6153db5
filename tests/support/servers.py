"""Run a real nats-server and a real nx-27017 for the tests, and let them be killed and restarted.

Each server has a free loopback port and a folder of its own, and keeps both over a restart.
"""

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self, TypeVar

import pymongo
from pymongo.errors import PyMongoError

START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 10.0
_POLL_S = 0.02


def executable(name: str) -> str:
    """Return the path of a program that is installed beside Python or on the PATH."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed: pip install -e '.[stack]'")
    return found


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A child process that answers on ``port`` once ``start`` returns."""

    name = "server"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def output(self) -> Path:
        """The file that holds what the process has printed."""
        return self.folder / f"{self.name}.out"

    def command(self) -> list[str]:
        """Return the command line; also prepares what the process needs on disk."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Tell whether the server answers a client."""
        raise NotImplementedError

    def start(self) -> Self:
        """Start the process and wait until it answers."""
        command = self.command()
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            self._wait(self.answers)
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self) -> None:
        """Ask the process to stop; kill it when it does not."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_TIMEOUT_S)
        self.process = None

    def kill(self) -> None:
        """End the process with SIGKILL, as a power cut of the process would."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(STOP_TIMEOUT_S)
        self.process = None

    def restart(self) -> Self:
        """Start again on the same port and data; stops the process first if it still runs."""
        self.stop()
        return self.start()

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not condition():
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError(f"{self.name} exited: {self.output.read_text()[-2000:]}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} does not answer on port {self.port}")
            time.sleep(_POLL_S)


class NatsServer(Server):
    """The broker, with JetStream and the 8 MB payload limit that the stack uses."""

    name = "nats-server"

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        config = self.folder / "nats.conf"
        config.write_text(
            f"listen: 127.0.0.1:{self.port}\n"
            "max_payload: 8MB\n"
            f'jetstream {{ store_dir: "{self.folder / "jetstream"}" }}\n'
        )
        return [executable("nats-server"), "-c", str(config)]

    def answers(self) -> bool:
        # The listener opens after JetStream is up, and greets every client with INFO.
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                return connection.recv(5) == b"INFO "
        except OSError:
            return False


class StoreServer(Server):
    """The embedded store: MongoDB's wire protocol on SQLite."""

    name = "nx-27017"

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        pid_file = self.folder / "nx-27017.pid"
        # A killed server leaves its pid file, and refuses to start while that pid is in use.
        pid_file.unlink(missing_ok=True)
        data = self.folder / "store"
        data.mkdir(mode=0o700, exist_ok=True)
        return [
            executable("nx-27017"),
            *("--host", "127.0.0.1", "--port", str(self.port)),
            *("--data-dir", str(data), "--pid-file", str(pid_file)),
            *("--log-file", str(self.folder / "nx-27017.log")),
        ]

    def answers(self) -> bool:
        # The driver leaks a socket when it connects to a closed port, so look first.
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(
            self.url, serverSelectionTimeoutMS=300, connectTimeoutMS=300
        )
        with client:
            try:
                client.admin.command("ping")
            except PyMongoError:
                return False
        return True


AServer = TypeVar("AServer", bound=Server)


@contextlib.contextmanager
def running(server: AServer) -> Iterator[AServer]:
    """Start the server, and end it when the block is left, whatever happened in it."""
    try:
        yield server.start()
    finally:
        server.stop()
