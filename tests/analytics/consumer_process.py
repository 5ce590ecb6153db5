"""Run ``python -m analytics`` as a process of its own, and publish events for it."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from nats.aio.client import Client

from analytics.store_client import Store, open_store
from schemas import subjects
from schemas.broker import connect
from schemas.events import Event, PromptSubmitted, encode_event
from schemas.streams import CHAT, declare_streams

ROOT = Path(__file__).parents[2]
DEADLINE_S = 20.0
STOP_WITHIN_S = 5.0
_POLL_S = 0.01


class ConsumerProcess:
    """The consumers, started by their command line; their log lines are in ``log``."""

    def __init__(
        self, folder: Path, *names: str, module: str = "analytics", **environment: str
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "analytics.log"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("RIVULET_")}
        self._environment = {
            **inherited,
            "PYTHONPATH": str(ROOT),
            "RIVULET_DATA_DIR": str(folder / "data"),
            **environment,
        }
        self._command = [sys.executable, "-m", module, *names]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, env=self._environment, cwd=ROOT, stdout=output, stderr=output
            )

    def signal_and_wait(self, number: signal.Signals) -> tuple[int, float]:
        """Send a signal; return the exit status and the seconds that it took."""
        assert self._process is not None
        started = time.monotonic()
        self._process.send_signal(number)
        status = self._process.wait(DEADLINE_S)
        return status, time.monotonic() - started

    def send(self, number: signal.Signals) -> None:
        """Send a signal, such as one that pauses the process."""
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self) -> int:
        """Wait for a process that ends by itself."""
        assert self._process is not None
        return self._process.wait(DEADLINE_S)

    def stop(self) -> None:
        """Stop the process if it still runs, in its own way if it can."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_WITHIN_S)
        self.end()

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(DEADLINE_S)

    def wait_until_started(self) -> None:
        """Wait until every consumer takes events."""
        deadline = time.monotonic() + DEADLINE_S
        while not self.lines("consumers_started"):
            assert time.monotonic() < deadline, "the consumers did not start"
            time.sleep(_POLL_S)

    def metrics(self) -> dict[str, float]:
        """Return the samples of ``/metrics``, by name and labels as they are written there."""
        port = self._environment["RIVULET_ANALYTICS_METRICS_PORT"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in samples}

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """Return the log lines, or those of one event."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if event in (None, line["event"])]


@contextlib.contextmanager
def consumers(
    folder: Path, *names: str, module: str = "analytics", **environment: str
) -> Iterator[ConsumerProcess]:
    """Run the consumers for the duration of the block.

    They are stopped, not killed: the events that a killed one had in hand come again only after
    half a minute, also for the next test's.
    """
    process = ConsumerProcess(folder, *names, module=module, **environment)
    try:
        process.start()
        yield process
    finally:
        process.stop()


@contextlib.asynccontextmanager
async def publisher(url: str) -> AsyncIterator[Client]:
    """Return a connection to a broker on which the streams are declared."""
    broker = await connect(url, "test")
    try:
        await declare_streams(broker)
        yield broker
    finally:
        await broker.close()


@contextlib.asynccontextmanager
async def reader(url: str) -> AsyncIterator[Store]:
    """Return a client of the store."""
    async with open_store(url) as store:
        yield store


async def publish(broker: Client, *events: Event) -> None:
    """Publish events as the gateway and the workers do, acknowledged."""
    jetstream = broker.jetstream()
    for event in events:
        if isinstance(event, PromptSubmitted):
            lane = subjects.lane_of(event.conversation_id or "")
            subject = subjects.prompt(event.user_id, event.model, lane)
        else:
            subject = subjects.finished(event.user_id, event.model)
        await jetstream.publish(subject, encode_event(event), stream=CHAT)


async def eventually(
    what: Callable[[], Awaitable[Any]], wanted: Any, deadline_s: float = DEADLINE_S
) -> None:
    """Poll until ``what`` gives ``wanted``; fails with the last thing that it gave."""
    deadline = time.monotonic() + deadline_s
    while (found := await what()) != wanted:
        if time.monotonic() > deadline:
            assert found == wanted
        await asyncio.sleep(_POLL_S)
