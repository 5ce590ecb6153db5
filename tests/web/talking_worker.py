"""A worker that says what a test tells it, piece by piece: beside the synchronous browser."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.gateway.stand_in_worker import StandInWorker

MODEL = "talker"
_JOIN_S = 60.0


@contextmanager
def talking_worker(url: str, pieces: list[str], pause_s: float) -> Iterator[None]:
    """Answer one prompt for ``MODEL`` with the pieces, a pause between each two."""
    ready, failed = threading.Event(), list[BaseException]()

    async def talk() -> None:
        async with StandInWorker.serving(url, MODEL) as worker:
            ready.set()
            writer = await worker.attempt(await worker.next_prompt())
            for piece in pieces:
                await writer.say(piece)
                await asyncio.sleep(pause_s)
            await writer.end()

    def run() -> None:
        try:
            asyncio.run(talk())
        except BaseException as error:  # noqa: BLE001 - raised in the test's own thread
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(_JOIN_S)
    try:
        yield
    finally:
        thread.join(_JOIN_S)
    assert not thread.is_alive()
    if failed:
        raise failed[0]
