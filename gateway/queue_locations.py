"""Know where prompts stand in the log of facts: the model they are for, and their sequence.

What this process published it remembers. What another one published is looked up by user, all
that readers ask for at a time in one pass over the headers of the user's latest prompts.
"""

from collections.abc import Iterable
from typing import NamedTuple

import structlog

from gateway.broker_link import BrokerLink
from gateway.header_scan import HeaderScan, Listed, since
from schemas import subjects
from schemas.ids import made_at_ms
from schemas.prompt_log import find_prompt

# Also set by the publisher of prompts: bodies need not be read to know whose prompt it is.
REPLY_ID_HEADER = "Rivulet-Reply-Id"
# As many as can wait with the default limits, for several models; about 200 bytes each.
_REMEMBERED = 20_000
# The clocks of gateways and broker differ by less.
_BEFORE_MS = 5_000
_SCANNED_TOGETHER = 1_000
_SCAN_KEPT_S = 5.0

log = structlog.get_logger(__name__)


class Location(NamedTuple):
    """Which queue a prompt is in, and its sequence in the CHAT stream."""

    model: str
    sequence: int


class QueueLocations:
    """The latest prompts' locations by reply id."""

    def __init__(self, link: BrokerLink) -> None:
        self._link = link
        self._known: dict[str, Location] = {}

    def remember(self, reply_id: str, location: Location) -> None:
        """Keep a location; the oldest one is forgotten."""
        if len(self._known) >= _REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[reply_id] = location

    def get(self, reply_id: str) -> Location | None:
        """Return a location that is known."""
        return self._known.get(reply_id)

    def forget(self, reply_ids: Iterable[str]) -> None:
        """Forget prompts that were erased."""
        for reply_id in reply_ids:
            self._known.pop(reply_id, None)

    async def seek(self, user_id: str, reply_ids: Iterable[str]) -> None:
        """Look up prompts of one user; those that the log does not hold stay unknown.

        Raises ``LogUnavailable`` or ``BrokerUnavailable``.
        """
        wanted = [reply_id for reply_id in reply_ids if reply_id not in self._known]
        if not wanted:
            return
        await self._scan(user_id, min(map(made_at_ms, wanted)) - _BEFORE_MS)
        for reply_id in wanted:
            if reply_id not in self._known:
                # Its publisher was not a gateway, or it is not there at all.
                found = await find_prompt(self._link.session().direct_get, user_id, reply_id)
                if found is not None:
                    self.remember(reply_id, Location(found.prompt.model, found.sequence))

    async def _scan(self, user_id: str, since_ms: int) -> None:
        scan = await HeaderScan.open(
            self._link.session().client,
            subjects.prompts_of_user(user_id),
            start=since(since_ms),
            kept_s=_SCAN_KEPT_S,
        )
        try:
            while listed := await scan.next(_SCANNED_TOGETHER):
                for prompt in listed:
                    self._note(prompt)
        finally:
            await scan.close()

    def _note(self, prompt: Listed) -> None:
        reply_id = prompt.headers.get(REPLY_ID_HEADER)
        if reply_id is None:
            return
        try:
            model = subjects.model_of_prompt(prompt.subject)
        except subjects.ModelNameError:
            return
        self.remember(reply_id, Location(model, prompt.sequence))
