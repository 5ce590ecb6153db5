"""Ask the model for a conversation's title, once, after the first reply that was completed.

A claim in the store decides who asks. It holds the ids of the prompt to send: whoever gets the
event again, after a crash at any point, sends the same prompt, and not at all if the log has it.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

import structlog

from analytics.title_prompt import is_late, is_past, may_ask, new_claim, title_prompt
from analytics.title_publisher import TitleLog
from analytics.title_store import TitleStore
from schemas.documents import TitleDocument
from schemas.events import ReplyFinished

_REMEMBERED = 20_000

log = structlog.get_logger(__name__)


class Erasures(Protocol):
    """Knows what was erased."""

    async def is_erased(self, user_id: str, conversation_id: str) -> bool:
        """Tell whether the conversation or its user is erased."""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Titling:
    """Asks for titles; any number of processes may."""

    def __init__(
        self,
        store: TitleStore,
        erasures: Erasures,
        title_log: TitleLog,
        secret: bytes,
        now_ms: Callable[[], int] = _now_ms,
    ) -> None:
        self._store = store
        self._erasures = erasures
        self._log = title_log
        self._secret = secret
        self._now_ms = now_ms
        # Which reply asks for a conversation: most events are of others, and nothing follows.
        self._asking: OrderedDict[str, str] = OrderedDict()

    async def entitle(self, event: ReplyFinished) -> None:
        """Ask for a title if this reply is the one that does; may be called again and again.

        Raises ``StoreUnavailable``, ``StoreRefused`` or ``LogUnavailable``.
        """
        if not event.conversation_id or not may_ask(event):
            return
        if self._asking.get(event.conversation_id, event.reply_id) != event.reply_id:
            return
        claim = await self._store.claim_of(event.conversation_id)
        wanted = self._is_wanted(event) if claim is None else self._is_to_be_sent(claim, event)
        if not await wanted:
            return
        prompt = await self._log.prompt(event.user_id, event.reply_id)
        if prompt is None:
            return
        claim = await self._claimed(claim, event)
        # After the claim: an erasure before it is seen now, and one after it removes the claim.
        if await self._erasures.is_erased(event.user_id, event.conversation_id):
            await self._store.withdraw(claim)
        elif claim["reply_id"] == event.reply_id:
            await self._log.publish(title_prompt(prompt, event, claim))
            log.info("title_asked", title_reply_id=claim["title_reply_id"])

    async def _is_wanted(self, event: ReplyFinished) -> bool:
        """Tell whether nobody has asked, and the conversation still wants a title."""
        if is_late(event, self._now_ms()):
            return False
        return await self._store.wants_title(event.user_id, event.conversation_id or "")

    async def _is_to_be_sent(self, claim: TitleDocument, event: ReplyFinished) -> bool:
        """Tell whether this event's process died between its claim and its prompt."""
        if claim["reply_id"] != event.reply_id:
            self._asking[claim["_id"]] = claim["reply_id"]
            if len(self._asking) > _REMEMBERED:
                self._asking.popitem(last=False)
            return False
        return await self._log.prompt(claim["user_id"], claim["title_reply_id"]) is None

    async def _claimed(self, old: TitleDocument | None, event: ReplyFinished) -> TitleDocument:
        """Return the claim that counts: ours, or that of whoever was faster."""
        now_ms = self._now_ms()
        if old is not None and not is_past(old, now_ms):
            return old
        new = new_claim(event, self._secret, now_ms)
        added = self._store.add(new) if old is None else self._store.renew(old, new)
        if await added:
            return new
        # Gone again: an erasure was faster, which is seen next.
        return await self._store.claim_of(new["_id"]) or new
