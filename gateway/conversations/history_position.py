"""Let a reader of the history see what its user has done before: wait until the history has it.

The history follows the log within a moment. Before it is read, the log is asked for the user's
newest event; while the consumer ``history`` has not passed that, the reader waits, a second at
most. So everybody reads their own writes, on every device and through every gateway process.
"""

import asyncio
import time
from typing import Any

import orjson
import structlog
from nats.errors import Error as NatsError

from gateway.broker_link import BrokerLink
from gateway.errors import BrokerUnavailable
from schemas import subjects
from schemas.streams import CHAT, HISTORY_CONSUMER

_LONGEST_WAIT_S = 1.0
_POLL_S = 0.015
_TIMEOUT_S = 0.5
# A history that did not move for one wait is away, or has met an event that it cannot store.
_STUCK_S = 10.0

log = structlog.get_logger(__name__)


class HistoryPosition:
    """How far the history is; one for all requests of a process."""

    def __init__(self, link: BrokerLink) -> None:
        self._link = link
        self._applied = 0
        self._stuck_until = 0.0
        self._stuck_at = 0

    @property
    def applied(self) -> int:
        """The history has every event up to this sequence, as far as was heard."""
        return self._applied

    async def wait_for(self, user_id: str) -> bool:
        """Return once the history has all that the user did, or after a second without that.

        Never raises: a history without a broker is read as it is. Returns whether it has all.
        """
        try:
            newest = await self._newest(user_id)
            return newest <= self._applied or await self._wait_until(newest)
        except (BrokerUnavailable, NatsError, TimeoutError, ValueError, KeyError) as error:
            log.info("history_position_unknown", error=repr(error))
            return False

    async def wait_until(self, sequence: int) -> bool:
        """Return once the history has the event with this sequence, as ``wait_for`` does."""
        try:
            return sequence <= self._applied or await self._wait_until(sequence)
        except (BrokerUnavailable, NatsError, TimeoutError, ValueError, KeyError):
            return False

    async def _wait_until(self, sequence: int) -> bool:
        give_up_at = time.monotonic() + _LONGEST_WAIT_S
        before = self._applied
        while not await self._has(sequence):
            now = time.monotonic()
            if now < self._stuck_until and self._applied == self._stuck_at:
                return False
            if now >= give_up_at:
                if self._applied == before:
                    log.warning("history_behind", sequence=sequence, applied=self._applied)
                    self._stuck_at, self._stuck_until = self._applied, now + _STUCK_S
                return False
            await asyncio.sleep(_POLL_S)
        return True

    async def _has(self, sequence: int) -> bool:
        info = await self._ask(f"CONSUMER.INFO.{CHAT}.{HISTORY_CONSUMER}", b"")
        if "error" in info:
            # No consumer has ever been here.
            return False
        floor = int(info["ack_floor"]["stream_seq"])
        if info["num_pending"] == 0 and info["num_ack_pending"] == 0:
            # Between the floor and here there is nothing for it.
            floor = max(floor, sequence)
        self._applied = max(self._applied, floor)
        return sequence <= self._applied

    async def _newest(self, user_id: str) -> int:
        """Return the sequence of the user's newest event, 0 without any."""
        wanted = {"last_by_subj": subjects.facts_of_user(user_id)}
        session = self._link.session()
        message = await session.client.request(
            f"$JS.API.DIRECT.GET.{CHAT}", orjson.dumps(wanted), timeout=_TIMEOUT_S
        )
        return int((message.headers or {}).get("Nats-Sequence", 0))

    async def _ask(self, call: str, body: bytes) -> dict[str, Any]:
        client = self._link.session().client
        answer = await client.request(f"$JS.API.{call}", body, timeout=_TIMEOUT_S)
        parsed: dict[str, Any] = orjson.loads(answer.data)
        return parsed
