"""Cancel replies for their owners, whether queued, running, orphaned or held by a paused worker.

The way is in ``canceller.py``. What is here: whose the reply is, what is known of one whose log
has expired, and the event that tells the log of facts. A cancel that has begun is finished, also
when its request goes away.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec
import structlog

from gateway.background import Background
from gateway.broker_link import BrokerLink, BrokerSession
from gateway.canceller import CLOCKS_S, Canceller, is_remembered
from gateway.errors import BrokerUnavailable, NotFound
from gateway.history import HistoryReader
from gateway.metrics import GatewayMetrics
from gateway.model_directory import ModelDirectory
from gateway.slot_notice import SlotNotice
from schemas.direct_get import LogUnavailable
from schemas.ending import finished_from_log
from schemas.events import PromptSubmitted, Status
from schemas.finished_publisher import publish_finished
from schemas.ids import made_at_ms, owns_reply
from schemas.prompt_log import find_prompt
from schemas.reply_log import StoredFrame
from schemas.tracing import is_tracing

# To find the prompt again costs more than all the rest of a cancel: when many are cancelled at
# once, no answer waits for it. Later tries are for a broker that restarts.
_REPORT_AFTER_S = (0.25, 1.0, 5.0, 20.0)

CancelledBy = Literal["request", "hang_up"]

log = structlog.get_logger(__name__)


class CancelResult(NamedTuple):
    """The reply's one result, and whether its engine slot is known to be free."""

    reply_id: str
    status: Status
    slot_free: bool


class _Asked(NamedTuple):
    """Which reply is to be cancelled, and its prompt if that is at hand.

    ``came_with`` are the headers of a prompt that was read from the log.
    """

    user_id: str
    reply_id: str
    by: CancelledBy
    prompt: PromptSubmitted | None = None
    came_with: Mapping[str, str] | None = None


class Cancellation:
    """Cancels replies of any user, from any gateway process."""

    def __init__(
        self,
        link: BrokerLink,
        history: HistoryReader,
        metrics: GatewayMetrics,
        background: Background,
        models: ModelDirectory,
        *,
        secret: bytes,
        replies_max_age_s: float,
    ) -> None:
        self._link = link
        self._history = history
        self._metrics = metrics
        self._background = background
        self._models = models
        self._secret = secret
        self._replies_max_age_s = replies_max_age_s

    async def cancel(self, user_id: str, reply_id: str) -> CancelResult:
        """Bring a user's reply to its end; it may have come to another one just before.

        A repeat changes nothing and returns the same. Raises ``NotFound`` or ``Unavailable``;
        after the latter a repeat finishes what was begun.
        """
        if not owns_reply(self._secret, user_id, reply_id):
            # Before any subject is built from the id, and the same for a stranger's.
            raise NotFound("This reply does not exist; check its id.")
        if self._may_have_expired(reply_id):
            return await self._stored_result(user_id, reply_id)
        work = self._cancel(_Asked(user_id, reply_id, "request"))
        return await self._background.finish(work, f"cancel-{reply_id}")

    async def cancel_abandoned(self, prompt: PromptSubmitted, *, in_log: bool) -> CancelResult:
        """Cancel the reply of a prompt that nobody waits for any more; raises ``Unavailable``.

        ``in_log`` is false where it is not known whether the log has the prompt. Should it come
        later, its worker finds the cancel.
        """
        known = prompt if in_log else None
        return await self._cancel(_Asked(prompt.user_id, prompt.reply_id, "hang_up", known))

    async def _cancel(self, asked: _Asked) -> CancelResult:
        structlog.contextvars.bind_contextvars(reply_id=asked.reply_id)
        try:
            session = self._link.session()
            async with SlotNotice(session.client, asked.reply_id, self._models.is_alive) as notice:
                canceller = Canceller(asked.reply_id, session.reply_log, notice)
                return await self._cancel_with(canceller, session, asked)
        except LogUnavailable as error:
            log.warning("cancel_interrupted", error=str(error))
            raise BrokerUnavailable from error

    async def _cancel_with(
        self, canceller: Canceller, session: BrokerSession, asked: _Asked
    ) -> CancelResult:
        user_id, reply_id, by = asked.user_id, asked.reply_id, asked.by
        end = await canceller.look()
        if end is None:
            if by == "request" and not canceller.has_begun:
                asked = await _looked_up(session, asked)
                if asked.prompt is None:
                    return await self._stored_result(user_id, reply_id)
            end = await canceller.end()
            if canceller.held:
                work = _report_later(session, asked, canceller)
                self._background.begin(work, f"report-{reply_id}")
            else:
                await _report(session, asked, canceller)
        elif end.n is None and _is_recent(await canceller.frames()):
            await _report(session, asked, canceller)
        slot_free = await canceller.slot_is_free(end)
        if canceller.wrote and end.status == "cancelled":
            self._metrics.reply_cancelled(by)
        log.info("cancel_answered", status=end.status, slot_free=slot_free, by=by)
        return CancelResult(reply_id, end.status, slot_free)

    async def _stored_result(self, user_id: str, reply_id: str) -> CancelResult:
        message = await self._history.answer(user_id, reply_id)
        if message is None or message.status == "pending":
            raise NotFound("This reply does not exist, or not any more; check its id.")
        return CancelResult(reply_id, msgspec.convert(message.status, Status), slot_free=True)

    def _may_have_expired(self, reply_id: str) -> bool:
        """Tell whether an empty log may mean that the reply has ended long ago.

        To cancel it then would give it a second end.
        """
        age_s = time.time() - made_at_ms(reply_id) / 1000
        return age_s > self._replies_max_age_s - min(CLOCKS_S, self._replies_max_age_s / 10)


def _is_recent(stored: Sequence[StoredFrame]) -> bool:
    """Tell whether a canceller that died may have left the log of facts without its event.

    A worker reports its own ends. Only while the broker remembers message ids: beyond that each
    repeat would store the event once more, and the prompt's worker reports it as well.
    """
    return is_remembered(stored[-1].stored_at_ms)


async def _report(session: BrokerSession, asked: _Asked, canceller: Canceller) -> None:
    """Tell the log of facts how the reply ended; the worker may say the same, once it can."""
    # With its prompt at hand, only traces need a look into the log.
    if asked.prompt is None or (asked.came_with is None and is_tracing()):
        asked = await _looked_up(session, asked)
    prompt = asked.prompt
    event = None if prompt is None else finished_from_log(prompt, await canceller.frames())
    if event is None:
        # Never stored, or purged: then nobody counts on the event either.
        log.warning("cancelled_prompt_not_in_log")
        return
    await publish_finished(session.jetstream, event, asked.came_with)


async def _report_later(session: BrokerSession, asked: _Asked, canceller: Canceller) -> None:
    """Report a reply that a worker held, in case it is dead or paused; others do so themselves."""
    for wait_s in _REPORT_AFTER_S:
        await asyncio.sleep(wait_s)
        try:
            await _report(session, asked, canceller)
        except LogUnavailable as error:
            log.warning("cancelled_reply_not_reported", error=str(error))
        else:
            return


async def _looked_up(session: BrokerSession, asked: _Asked) -> _Asked:
    """Add the prompt as the log has it, if it does."""
    found = await find_prompt(session.direct_get, asked.user_id, asked.reply_id)
    if found is None:
        return asked
    return asked._replace(prompt=found.prompt, came_with=found.headers)
