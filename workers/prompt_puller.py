"""Pull prompts from the worker's durable consumer, never more than there are free slots.

Raw ``$JS.API.CONSUMER.MSG.NEXT`` requests with idle heartbeats: the client library's ``fetch`` does
not survive a broker restart, and a prompt fetched before a slot is free would wait while its
acknowledgement time runs. Wire format: NATS ADR-13 and the pull section of ``docs/flow.md``.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from schemas.streams import CHAT

_EXPIRES_S = 30.0
_HEARTBEAT_S = 2.0
# A request whose heartbeats stop has died with the broker.
_DEAD_AFTER_S = 2.5 * _HEARTBEAT_S
# A consumer holds at most 512 waiting requests; a worker keeps few and asks again as they end.
_MAX_REQUESTS = 4
_CHECK_S = 1.0
_HEARTBEAT = "100"
_GONE = ("409", "503")

log = structlog.get_logger(__name__)


@dataclass
class _Request:
    """One outstanding pull request: prompts still to come, and when it was last heard of."""

    remaining: int
    heard_at: float


class PromptPuller:
    """Keeps as many prompts asked for as ``free_slots()`` says.

    ``on_prompt`` gets each delivered message at once. ``on_gone`` is called when the consumer
    does not exist, to declare it again.
    """

    def __init__(
        self,
        broker: Client,
        consumer: str,
        free_slots: Callable[[], int],
        on_prompt: Callable[[Msg], None],
        on_gone: Callable[[], Awaitable[None]],
    ) -> None:
        self._broker = broker
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{CHAT}.{consumer}"
        self._free_slots = free_slots
        self._on_prompt = on_prompt
        self._on_gone = on_gone
        self._inbox = broker.new_inbox()
        self._numbers = itertools.count()
        self._requests: dict[str, _Request] = {}
        self._wake = asyncio.Event()
        self._not_before = 0.0
        self._consumer_gone = False
        self._stopped = False
        self._subscription: Subscription | None = None
        self._clock = asyncio.get_running_loop().time

    async def run(self) -> None:
        """Pull until cancelled."""
        self._subscription = await self._broker.subscribe(f"{self._inbox}.*", cb=self._receive)
        while True:
            self._drop_dead_requests()
            if self._consumer_gone:
                await self._on_gone()
                self._consumer_gone = False
            await self._ask()
            self._wake.clear()
            try:
                async with asyncio.timeout(_CHECK_S):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def slots_changed(self) -> None:
        """Hear that a slot became free."""
        self._wake.set()

    def reconnected(self, pause_s: float) -> None:
        """Forget requests that died with the broker; pull again after ``pause_s``.

        The pause lets in-progress notices for running replies arrive before the broker hands
        their prompts to somebody else.
        """
        self._requests.clear()
        self._not_before = self._clock() + pause_s

    async def stop(self) -> None:
        """Ask for no more, and take back what was asked; what still arrives is given back."""
        self._stopped = True
        if self._subscription is None or not self._broker.is_connected:
            return
        try:
            # A pull request without a listener is dropped: else our own naks could come back.
            await self._subscription.drain()  # type: ignore[no-untyped-call] # nats-py's
        except NatsError as error:
            log.warning("pull_not_withdrawn", error=repr(error))

    async def _ask(self) -> None:
        asked = sum(request.remaining for request in self._requests.values())
        batch = self._free_slots() - asked
        ready = self._broker.is_connected and self._clock() >= self._not_before
        if self._stopped or not ready or batch < 1 or len(self._requests) >= _MAX_REQUESTS:
            return
        inbox = f"{self._inbox}.{next(self._numbers)}"
        self._requests[inbox] = _Request(batch, self._clock())
        body = {
            "batch": batch,
            "expires": int(_EXPIRES_S * 1e9),
            "idle_heartbeat": int(_HEARTBEAT_S * 1e9),
        }
        try:
            await self._broker.publish(self._subject, orjson.dumps(body), reply=inbox)
        except NatsError as error:
            log.warning("pull_failed", error=repr(error))
            del self._requests[inbox]

    def _drop_dead_requests(self) -> None:
        now = self._clock()
        for inbox, request in list(self._requests.items()):
            if now - request.heard_at > _DEAD_AFTER_S:
                log.warning("pull_request_lost", remaining=request.remaining)
                del self._requests[inbox]

    async def _receive(self, message: Msg) -> None:
        status = (message.headers or {}).get("Status")
        # Prompts carry the stream's subject; statuses come on the inbox of their request.
        if status is None:
            await self._deliver(message)
            return
        request = self._requests.get(message.subject)
        if request is None:
            return
        if status == _HEARTBEAT:
            request.heard_at = self._clock()
            return
        del self._requests[message.subject]
        if status in _GONE:
            description = (message.headers or {}).get("Description")
            log.warning("pull_refused", status=status, description=description)
            self._consumer_gone = True
            self._not_before = self._clock() + _CHECK_S
        self._wake.set()

    async def _deliver(self, message: Msg) -> None:
        # A message does not say which request it answers. The broker serves the first in its line
        # and lets it stand at the end again while it wants more (waitQueue.pop in consumer.go).
        inbox = next(iter(self._requests), None)
        if inbox is not None:
            request = self._requests.pop(inbox)
            request.heard_at = self._clock()
            request.remaining -= 1
            if request.remaining > 0:
                self._requests[inbox] = request
        if self._stopped:
            await message.nak()
            return
        self._on_prompt(message)
        self._wake.set()
