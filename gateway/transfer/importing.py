"""Import a file: its conversations become events, one conversation after the other."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from gateway.broker_link import BrokerLink
from gateway.conversations.conversation_log import ConversationLog, now_ms
from gateway.conversations.history_position import HistoryPosition
from gateway.errors import BrokerUnavailable, ImportInterrupted, TooManyImports
from gateway.responses import ImportReport
from gateway.transfer.import_events import Import, import_message_id
from gateway.transfer.import_file import neither, open_file
from gateway.transfer.import_ids import ImportIds
from gateway.transfer.planning import Planner
from gateway.transfer.reporting import Reporting
from schemas.events import ConversationEvent

# An export of years of talk has about ten.
MAX_IMPORT_BYTES = 32 * 1024 * 1024
# Each holds its file in memory.
_MOST_AT_ONCE = 2
# What an event has beside the content of one message, with its headers.
_ENVELOPE_BYTES = 4_096
# The history needs longer for a large import; after this, whoever reads gets what there is.
_LONGEST_WAIT_S = 10.0
_POLL_S = 0.1

log = structlog.get_logger(__name__)


class Importing:
    """Imports files; one for all requests of a process."""

    def __init__(
        self, link: BrokerLink, conversation_log: ConversationLog, position: HistoryPosition
    ) -> None:
        self._link = link
        self._log = conversation_log
        self._position = position
        self._running = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for an import, before its file is read; raises ``TooManyImports``."""
        if self._running >= _MOST_AT_ONCE:
            raise TooManyImports
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    async def run(self, user_id: str, body: bytes, key: str | None) -> ImportReport:
        """Import what the file holds and wait until it can be read; needs a ``place``.

        Raises ``BadRequest``, ``BrokerUnavailable`` or ``ImportInterrupted``.
        """
        largest_event = self._link.session().client.max_payload
        # Reading goes on in a thread, so that others get their tokens meanwhile.
        file = await asyncio.to_thread(open_file, body)
        made = Import(user_id, ImportIds(user_id, _salt(key)), now_ms())
        planner = Planner(file, made, largest_event - _ENVELOPE_BYTES)
        reporting = Reporting()
        last = 0
        for index in range(len(file.conversations)):
            plan = await asyncio.to_thread(planner.plan, index)
            for event in plan.events:
                # A repeat is stored once, and has its first sequence.
                last = max(last, await self._publish(event))
            reporting.add(index, plan)
        if not (file.is_named or reporting.any_conversation):
            raise neither()
        await self._wait_for_history(last)
        report = reporting.report()
        log.info("imported", conversations=report.conversations, messages=report.messages)
        return report

    async def _publish(self, event: ConversationEvent) -> int:
        try:
            return await self._log.publish(event, import_message_id(event))
        except BrokerUnavailable as error:
            raise ImportInterrupted from error

    async def _wait_for_history(self, sequence: int) -> None:
        give_up_at = time.monotonic() + _LONGEST_WAIT_S
        while not await self._position.wait_until(sequence):
            if time.monotonic() >= give_up_at:
                return
            # A history that is found to be slow is not waited for by the position itself.
            await asyncio.sleep(_POLL_S)


def _salt(key: str | None) -> str:
    """Return what tells imports apart; nobody's key is the random one of another import."""
    return f"random:{secrets.token_hex(16)}" if key is None else f"key:{key}"
