"""Count the replies of a user that have not ended, queued and running, over all gateways.

The log of facts knows: each reply has one PromptSubmitted and, once it has ended, a ReplyFinished.
Titles, which nobody asked for, have subjects of their own and do not count.
"""

import asyncio
import time

from gateway.broker_link import BrokerLink
from gateway.header_scan import HeaderScan, api_request, since
from schemas import subjects
from schemas.streams import CHAT

# Clocks differ, and an end is reported a little after it was written.
_GRACE_S = 60.0
_SCAN_KEPT_S = 1.0


def longest_run_s(*, start_deadline_s: float, replies_max_age_s: float) -> float:
    """Return the seconds after which a prompt's reply is over, whatever the log says of it.

    A reply begins before its deadline and is ended half of its log's age after it began.
    """
    return start_deadline_s + replies_max_age_s / 2 + _GRACE_S


class RunningReplies:
    """Counts from the broker."""

    def __init__(
        self, link: BrokerLink, *, start_deadline_s: float, replies_max_age_s: float
    ) -> None:
        self._link = link
        self._longest_s = longest_run_s(
            start_deadline_s=start_deadline_s, replies_max_age_s=replies_max_age_s
        )

    async def count(self, user_id: str, *, sure: bool) -> int:
        """Return the count; raises ``BrokerUnavailable`` or ``LogUnavailable``.

        The quick way takes one round trip and is rarely wrong. It errs towards too few where a
        ReplyFinished was stored twice, or outlives its prompt in the log for a moment; and towards
        too many, for as long as the log is kept, where a reply never got its ReplyFinished or lost
        it to a purge. ``sure`` cannot lock a user out: only prompts that are young enough to be
        running count, and if one of them is never finished, it counts for an hour by default.
        """
        quick = await self._since_ever(user_id)
        return min(quick, await self._lately(user_id)) if sure and quick > 0 else quick

    async def _since_ever(self, user_id: str) -> int:
        wanted = {"subjects_filter": subjects.facts_of_user(user_id)}
        info = await api_request(self._link.session().client, f"STREAM.INFO.{CHAT}", wanted)
        counts = info["state"].get("subjects") or {}
        prompts = _of_kind(counts, subjects.prompts_of_user(user_id))
        return max(0, prompts - _of_kind(counts, subjects.finished_of_user(user_id)))

    async def _lately(self, user_id: str) -> int:
        prompts, finished = await asyncio.gather(
            self._young(subjects.prompts_of_user(user_id)),
            self._young(subjects.finished_of_user(user_id)),
        )
        return max(0, prompts - finished)

    async def _young(self, subject: str) -> int:
        since_ms = round((time.time() - self._longest_s) * 1000)
        client = self._link.session().client
        scan = await HeaderScan.open(client, subject, start=since(since_ms), kept_s=_SCAN_KEPT_S)
        await scan.close()
        return scan.found


def _of_kind(counts: dict[str, int], pattern: str) -> int:
    prefix = pattern.removesuffix(">")
    return sum(
        count
        for subject, count in counts.items()
        if subject.startswith(prefix) and not subjects.is_title(subject)
    )
