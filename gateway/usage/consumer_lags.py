"""Ask the broker how far the consumers of the log are behind."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.broker_link import BrokerLink, BrokerSession
from gateway.header_scan import api_request
from gateway.usage.ports import ConsumerLag
from schemas import subjects
from schemas.streams import ARCHIVE_CONSUMER, CHAT

# Workers' consumers hold a queue, which is told by model; scans are gone in a moment.
_OTHERS = (subjects.WORKER_CONSUMER_PREFIX, "scan-")
_ONE = {"batch": 1, "max_bytes": 8 * 1024 * 1024}


class ConsumerLags:
    """The durable consumers that fold the log; raises ``BrokerUnavailable``, ``LogUnavailable``.

    The archive gathers events for ``archive_every_s``: they are late only after that.
    """

    def __init__(self, link: BrokerLink, archive_every_s: float) -> None:
        self._link = link
        self._may_take_ms = {ARCHIVE_CONSUMER: round(archive_every_s * 1000)}

    async def all(self) -> list[ConsumerLag]:
        """Return them by name."""
        session = self._link.session()
        found = [info for info in await _infos(session) if _folds(info)]
        lags = [await self._lag(session, info) for info in found]
        return sorted(lags, key=lambda lag: lag.name)

    async def _lag(self, session: BrokerSession, info: Mapping[str, Any]) -> ConsumerLag:
        name = str(info["name"])
        pending, in_hand = int(info["num_pending"]), int(info["num_ack_pending"])
        age_ms = await _oldest_ms(session, info) if pending or in_hand else 0
        return ConsumerLag(name, pending, in_hand, max(0, age_ms - self._may_take_ms.get(name, 0)))


async def _infos(session: BrokerSession) -> list[Mapping[str, Any]]:
    infos: list[Mapping[str, Any]] = []
    while True:
        answer = await api_request(session.client, f"CONSUMER.LIST.{CHAT}", {"offset": len(infos)})
        page = answer.get("consumers") or []
        infos += page
        if not page or len(infos) >= int(answer.get("total", 0)):
            return infos


def _folds(info: Mapping[str, Any]) -> bool:
    durable = info["config"].get("durable_name")
    return bool(durable) and not str(durable).startswith(_OTHERS)


async def _oldest_ms(session: BrokerSession, info: Mapping[str, Any]) -> int:
    """Return the age of the oldest event behind the consumer's floor."""
    config, floor = info["config"], int(info["ack_floor"]["stream_seq"])
    filters = config.get("filter_subjects") or [config.get("filter_subject") or subjects.ALL_FACTS]
    found: list[tuple[int, str]] = []
    for subject in filters:
        wanted = {"seq": floor + 1, "next_by_subj": subject, **_ONE}
        for message in (await session.direct_get.read(CHAT, wanted)).messages:
            headers = message.headers or {}
            found.append((int(headers["Nats-Sequence"]), headers["Nats-Time-Stamp"]))
    if not found:
        return 0
    stored_at = datetime.fromisoformat(min(found)[1])
    return max(0, round((time.time() - stored_at.timestamp()) * 1000))
