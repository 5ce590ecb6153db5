"""A worker whose every frame a test decides: real beacons, a real consumer, real fenced frames."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any, Self

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.client import JetStreamContext

from schemas import subjects
from schemas.beacon import Beacon, CountAnswer, CountRequest, encode_beacon
from schemas.broker import connect
from schemas.direct_get import LogUnavailable
from schemas.ending import finished_event
from schemas.events import (
    Failure,
    PromptSubmitted,
    Status,
    Timings,
    Usage,
    decode_event,
)
from schemas.finished_publisher import publish_finished
from schemas.frames import Attempt, Delta, End, Frame, encode_frame
from schemas.notice import SlotFreed, encode_slot_freed
from schemas.reply_log import Claim, ReplyLog
from schemas.streams import CHAT, declare_consumer, declare_streams, worker_consumer

DEADLINE_S = 20.0
TIMINGS = Timings(queue_ms=1, first_token_ms=2, total_ms=3)


class Writer:
    """Writes the frames of one attempt at one reply."""

    def __init__(self, worker: "StandInWorker", prompt: PromptSubmitted, n: int) -> None:
        self._worker = worker
        self.prompt = prompt
        self.n = n
        self.fence = 0
        self.texts: list[str] = []

    async def begin(self) -> None:
        """Claim the reply and write the marker."""
        register = await self._worker.log.read_register(self.prompt.reply_id)
        self.fence = await self._worker.log.write_register(
            self.prompt.reply_id, Claim(self.n, "stand-in"), register.sequence
        )
        await self._worker.log.append_fenced(
            self.prompt.reply_id, Attempt(self.n, "stand-in"), self.fence
        )
        self._worker.running.add(self.prompt.reply_id)

    async def say(self, *pieces: str) -> None:
        """Write one delta of one token for each piece."""
        for piece in pieces:
            await self.write(self.delta(piece))

    def delta(self, piece: str) -> Delta:
        """Return the delta with the next piece, and count it as said."""
        self.texts.append(piece)
        return Delta(self.n, len(self.texts) - 1, [len(self.texts)], piece)

    async def write(self, frame: Frame) -> None:
        await self._worker.log.append(self.prompt.reply_id, frame)

    async def publish(self, payload: bytes) -> None:
        """Write bytes without waiting, as a worker writes its deltas."""
        await self._worker.broker.publish(subjects.reply(self.prompt.reply_id), payload)

    async def end(self, status: Status = "completed", error: Failure | None = None) -> End:
        """Write the end, and tell the log of facts."""
        end = self.result(status, error)
        await self._worker.log.append_end(self.prompt.reply_id, end, self.fence, tries=1)
        self._worker.running.discard(self.prompt.reply_id)
        await self._worker.publish_finished(self.prompt, end, "".join(self.texts), self.n)
        return end

    def result(self, status: Status = "completed", error: Failure | None = None) -> End:
        """Return the end of what was said."""
        return End(
            n=self.n,
            tokens=len(self.texts),
            status=status,
            finish_reason="stop" if status == "completed" else None,
            usage=Usage(prompt_tokens=7, completion_tokens=len(self.texts), cached_tokens=3),
            timings=TIMINGS,
            error=error,
        )


class StandInWorker:
    """Serves one model on a broker connection of its own."""

    def __init__(self, broker: Client, log: ReplyLog, model: str, max_model_len: int) -> None:
        self.broker = broker
        self.log = log
        self.model = model
        self.max_model_len = max_model_len
        self.counted: list[CountRequest] = []
        self.running: set[str] = set()
        # What its beacons say.
        self.slots = 8
        self.reply_s = 0.0
        # A paused worker hears nothing until it goes on.
        self.paused = False
        self._pull: JetStreamContext.PullSubscription | None = None

    @classmethod
    @contextlib.asynccontextmanager
    async def serving(
        cls, url: str, model: str, *, max_model_len: int = 100_000
    ) -> AsyncIterator[Self]:
        """Serve the model for the duration of the block."""
        broker = await connect(url, "stand-in-worker")
        await declare_streams(broker)
        await declare_consumer(broker, worker_consumer(model))
        worker = cls(broker, await ReplyLog.open(broker), model, max_model_len)
        await broker.subscribe(subjects.count(model), cb=worker._count)
        await broker.subscribe(subjects.ALL_NOTICES, cb=worker._notice)
        worker._pull = await broker.jetstream().pull_subscribe_bind(
            subjects.worker_consumer(model), CHAT
        )
        beacons = asyncio.create_task(worker._beat())
        try:
            yield worker
        finally:
            beacons.cancel()
            await broker.close()

    async def next_prompt(self) -> PromptSubmitted:
        """Return the next prompt, acknowledged."""
        assert self._pull is not None
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                (message,) = await self._pull.fetch(1, timeout=1)
            except NatsTimeoutError:
                assert time.monotonic() < deadline, "no prompt came"
            else:
                await message.ack()
                event = decode_event(message.data)
                assert isinstance(event, PromptSubmitted)
                return event

    async def attempt(self, prompt: PromptSubmitted, n: int = 1) -> Writer:
        """Begin attempt ``n``; waits for a broker that is away."""
        writer = Writer(self, prompt, n)
        while True:
            try:
                await writer.begin()
            except LogUnavailable:
                continue
            return writer

    async def answer(self, *pieces: str) -> Writer:
        """Answer the next prompt with these pieces."""
        writer = await self.attempt(await self.next_prompt())
        await writer.say(*pieces)
        await writer.end()
        return writer

    async def fail(self, code: str, message: str) -> None:
        """Let the next prompt's reply fail before its first token."""
        writer = await self.attempt(await self.next_prompt())
        await writer.end("failed", Failure(code, message))

    async def publish_finished(
        self, prompt: PromptSubmitted, end: End, text: str, attempts: int
    ) -> None:
        """Tell the log of facts that the reply has ended."""
        event = finished_event(
            prompt,
            end,
            text,
            usage=end.usage or Usage(prompt_tokens=0, completion_tokens=0),
            timings=end.timings or TIMINGS,
            attempts=attempts,
            worker=None,
            finished_at_ms=prompt.submitted_at_ms + 100,
        )
        await publish_finished(self.broker.jetstream(), event)

    async def connected(self) -> None:
        """Return once the connection is back."""
        async with asyncio.timeout(DEADLINE_S):
            while not self.broker.is_connected:  # noqa: ASYNC110 - it has no event for it
                await asyncio.sleep(0.02)

    async def subscribers_of(self, reply_id: str) -> int:
        """Return how many connections but this one listen to a reply; a request tells."""
        try:
            await self.broker.request(subjects.live(reply_id), b"", timeout=0.2)
        except NoRespondersError:
            return 0
        except NatsTimeoutError:
            return 1
        raise AssertionError("nobody answers a frame")

    async def say_goodbye(self) -> None:
        """Let the gateway know that this worker takes no more prompts."""
        await self._publish_beacon(draining=True)

    async def _beat(self) -> None:
        while True:
            await self._publish_beacon(draining=False)
            await asyncio.sleep(0.2)

    async def _publish_beacon(self, *, draining: bool) -> None:
        beacon = Beacon(
            worker="stand-in",
            model=self.model,
            slots=self.slots,
            free=self.slots,
            draining=draining,
            max_model_len=self.max_model_len,
            tokens_per_s=0.0,
            reply_s=self.reply_s,
        )
        await self.broker.publish(subjects.beacon(self.model, "stand-in"), encode_beacon(beacon))

    async def _notice(self, message: Msg) -> None:
        """Stop a cancelled reply, if it runs here, and say that its slot is free."""
        reply_id = message.subject.removeprefix(subjects.control(""))
        if self.paused or not message.reply or reply_id not in self.running:
            return
        self.running.discard(reply_id)
        await message.respond(encode_slot_freed(SlotFreed("stand-in")))

    async def _count(self, message: Msg) -> None:
        """Count a token for each character."""
        request = msgspec.json.decode(message.data, type=CountRequest)
        self.counted.append(request)
        tokens = sum(len(turn.content) for turn in request.messages)
        await message.respond(msgspec.json.encode(CountAnswer(tokens, self.max_model_len)))


async def prompts_in_log(broker: Client, model: str) -> int:
    """Return how many prompts for the model were ever published."""
    info = await broker.jetstream().stream_info(
        CHAT, subjects_filter=subjects.prompts_of_model(model)
    )
    found: dict[str, Any] = info.state.subjects or {}
    return sum(found.values())


def garbage() -> bytes:
    """Return a frame that does not parse."""
    return b'{"kind":"delta","n":"one"}'


__all__ = ["StandInWorker", "Writer", "encode_frame", "garbage", "prompts_in_log"]
