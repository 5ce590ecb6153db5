"""Ask the broker how many prompts wait for a model, and which one was handed out last."""

import asyncio
from typing import NamedTuple

from gateway.broker_link import BrokerLink
from gateway.header_scan import api_request
from schemas import subjects
from schemas.streams import CHAT

# Kept for models that are asked for; invented names are refused before they come here.
_MOST_MODELS = 1_000


class Depth(NamedTuple):
    """Prompts that wait and are not running, and the CHAT sequence of the last one handed out."""

    pending: int
    delivered: int


class _Known(NamedTuple):
    depth: Depth
    asked_at: float


class QueueDepths:
    """Answers for every model, asked once for all who want to know at about the same time."""

    def __init__(self, link: BrokerLink) -> None:
        self._link = link
        self._known: dict[str, _Known] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def depth(self, model: str, *, max_age_s: float) -> Depth:
        """Return a depth that is not older than ``max_age_s``.

        Raises ``BrokerUnavailable`` or ``LogUnavailable``.
        """
        clock = asyncio.get_running_loop().time
        not_before = clock() - max_age_s
        async with self._asking.setdefault(model, asyncio.Lock()):
            known = self._known.get(model)
            if known is None or known.asked_at < not_before:
                asked_at = clock()
                known = _Known(await self._ask(model), asked_at)
                self._keep(model, known)
            return known.depth

    async def _ask(self, model: str) -> Depth:
        client = self._link.session().client
        info = await api_request(client, f"CONSUMER.INFO.{CHAT}.{subjects.worker_consumer(model)}")
        return Depth(int(info["num_pending"]), int(info["delivered"]["stream_seq"]))

    def _keep(self, model: str, known: _Known) -> None:
        if len(self._known) >= _MOST_MODELS:
            self._known.clear()
        self._known[model] = known
