"""Copy the log of facts into the archive, a segment at a time.

What is on the disk decides where to go on, not what was acknowledged: the consumer is set back to
the archive's end at every start. So a crash between any two steps doubles nothing and loses
nothing. The acknowledgement comes after the rename, and tells operators how far the archive is.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from analytics.archive.folder import ArchiveFolder
from analytics.archive.gathering import Gathering
from analytics.archive.pulling import BulkPull
from analytics.archive.segments import Segment
from analytics.archive.writing import write_segment
from analytics.errors import (
    ArchiveBusy,
    ArchiveDamaged,
    ArchiveOfAnotherLog,
    LogUnavailable,
)
from analytics.log_state import LogState, log_state
from analytics.metrics import ArchiveMetrics
from schemas.streams import ARCHIVE_CONSUMER, CHAT

_BATCH = 5_000
# More than the largest message there can be (8 MB), which would otherwise never come.
_BATCH_BYTES = 9 * 1024 * 1024
# Also how long a stop may wait.
_EXPIRES_S = 0.5
_AGAIN_AFTER_S = 2.0
# Of a disk that is full: long enough for a quiet log, short against what the log can hold.
_FULL_AGAIN_S = 5.0
_BUSY_AGAIN_S = 1.0

log = structlog.get_logger(__name__)

Connect = Callable[[], Awaitable[Client]]


class Archiver:
    """The one writer of an archive; other processes wait until it ends."""

    def __init__(
        self, connect: Connect, folder: ArchiveFolder, every_s: float, metrics: ArchiveMetrics
    ) -> None:
        self._connect = connect
        self._folder = folder
        self._every_s = every_s
        self._metrics = metrics

    async def run(self, stopping: asyncio.Event) -> None:
        """Archive until cancelled or ``stopping``."""
        waiting = False
        while not stopping.is_set():
            try:
                with self._folder.locked():
                    waiting = False
                    await self._archive(stopping)
            except ArchiveBusy:
                if not waiting:
                    log.info("archive_waits_for_other_process", folder=str(self._folder.path))
                waiting = True
                await asyncio.sleep(_BUSY_AGAIN_S)
            except (ArchiveDamaged, ArchiveOfAnotherLog) as error:
                log.error("archive_stopped", error=str(error))
                self._metrics.failed()
                await asyncio.sleep(_FULL_AGAIN_S)
            except OSError as error:
                log.error("archive_folder_unusable", error=str(error))
                self._metrics.failed()
                await asyncio.sleep(_FULL_AGAIN_S)
            except (NatsError, APIError, LogUnavailable) as error:
                log.warning("archive_waits_for_log", error=repr(error))
                await asyncio.sleep(_AGAIN_AFTER_S)

    async def _archive(self, stopping: asyncio.Event) -> None:
        broker = await self._connect()
        position = await asyncio.to_thread(self._folder.recover)
        await self._check_same_log(broker, position)
        await broker.jetstream().reset_consumer(CHAT, ARCHIVE_CONSUMER, position + 1)
        pull = await BulkPull.open(broker, CHAT, ARCHIVE_CONSUMER)
        log.info("archive_started", folder=str(self._folder.path), archived_to=position)
        try:
            while not stopping.is_set():
                gathered = await self._gather(pull, position, stopping)
                if gathered is None:
                    return
                state = await log_state(broker)
                segment = await self._write(gathered, state, stopping)
                if segment is None:
                    return
                position = segment.last
                self._metrics.gathered(None)
                if gathered.last_message is not None:
                    await gathered.last_message.ack()
        finally:
            self._metrics.gathered(None)
            await pull.close()

    async def _gather(
        self, pull: BulkPull, position: int, stopping: asyncio.Event
    ) -> Gathering | None:
        """Return what belongs into the next segment; ``None`` when we must stop first."""
        gathered = Gathering(position)
        began = time.monotonic()
        while not stopping.is_set():
            for delivered in await pull.fetch(_BATCH, _BATCH_BYTES, _EXPIRES_S):
                gathered.take(delivered)
            self._metrics.gathered(gathered.oldest_ms)
            if not gathered.first_seen:
                began = time.monotonic()
            elif gathered.full or time.monotonic() - began >= self._every_s:
                return gathered
        return None

    async def _write(
        self, gathered: Gathering, state: LogState, stopping: asyncio.Event
    ) -> Segment | None:
        """Write until it is written; ``None`` when we must stop first.

        One pull is under way meanwhile, no more: the log keeps what there is no room for.
        """
        first = _first_of(gathered, state)
        failed = False
        while not stopping.is_set():
            try:
                segment = await _to_its_end(
                    asyncio.to_thread(
                        write_segment,
                        self._folder,
                        first,
                        gathered.last,
                        state.created,
                        gathered.rows,
                    )
                )
            except OSError as error:
                failed = True
                self._metrics.failed()
                log.error(
                    "archive_write_failed",
                    folder=str(self._folder.path),
                    error=str(error),
                    events=len(gathered.rows),
                    again_in_s=_FULL_AGAIN_S,
                )
                await asyncio.sleep(_FULL_AGAIN_S)
            else:
                if failed:
                    log.info("archive_writes_again", folder=str(self._folder.path))
                log.debug("segment_archived", first=first, last=segment.last)
                return segment
        return None

    async def _check_same_log(self, broker: Client, position: int) -> None:
        last = await asyncio.to_thread(self._folder.last_segment)
        state = await log_state(broker)
        if last is not None and (last.log_created != state.created or state.last < position):
            raise ArchiveOfAnotherLog(
                f"{self._folder.path} holds sequences up to {position} of the log made at "
                f"{last.log_created}, but this one was made at {state.created}: choose another "
                "RIVULET_ARCHIVE_DIR for it"
            )


def _first_of(gathered: Gathering, state: LogState) -> int:
    """Return the first sequence of which the segment holds all that there was.

    Where the log no longer holds what follows the last segment, that is a gap, and is said by it:
    also when it was only erased, for nothing here tells that from what is lost.
    """
    follows = gathered.position + 1
    if gathered.first_seen == follows or state.first <= follows:
        return follows
    return gathered.first_seen


async def _to_its_end(writing: Awaitable[Segment]) -> Segment:
    """Wait for a thread that must end before the folder is given up, also when cancelled."""
    task = asyncio.ensure_future(writing)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
