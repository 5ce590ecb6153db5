"""Submit prompts to the log as the gateway does, and read replies as a reader does."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Self

from nats.aio.client import Client
from nats.js.errors import NotFoundError

from schemas import ids, subjects
from schemas.broker import connect
from schemas.direct_get import LogUnavailable
from schemas.events import (
    ChatMessage,
    Event,
    PromptSubmitted,
    ReplyFinished,
    Sampling,
    decode_event,
    encode_event,
)
from schemas.fold import FoldedReply, fold_all
from schemas.frames import Attempt, Frame
from schemas.notice import SlotFreed, decode_slot_freed
from schemas.reply_log import Claim, ReplyLog
from schemas.streams import declare_streams
from workers.engines.script import scripted_text

SECRET = b"test"
MODEL = "rivulet-demo"
_POLL_S = 0.02


class Asker:
    """A stand-in for gateway and readers, over one connection of its own."""

    def __init__(self, broker: Client, log: ReplyLog) -> None:
        self.broker = broker
        self.log = log
        self.user_id = ids.new_user_id()

    @classmethod
    @asynccontextmanager
    async def connected(cls, url: str) -> AsyncIterator[Self]:
        """Connect to the broker for the duration of a test."""
        broker = await connect(url, "test")
        try:
            await declare_streams(broker)
            yield cls(broker, await ReplyLog.open(broker))
        finally:
            await broker.close()

    def prompt(self, content: str, model: str = MODEL, **sampling: object) -> PromptSubmitted:
        """Build a prompt of this user."""
        return self.prompt_of(self.user_id, content, model, **sampling)

    @staticmethod
    def prompt_of(
        user_id: str, content: str, model: str = MODEL, **sampling: object
    ) -> PromptSubmitted:
        """Build a prompt of a user."""
        now_ms = time.time_ns() // 1_000_000
        return PromptSubmitted(
            reply_id=ids.new_reply_id(SECRET, user_id),
            user_id=user_id,
            user_message_id=ids.new_ulid(),
            assistant_message_id=ids.new_ulid(),
            model=model,
            messages=(ChatMessage("user", content),),
            sampling=Sampling(**sampling),  # type: ignore[arg-type]
            submitted_at_ms=now_ms,
            deadline_ms=now_ms + 60_000,
            client="api",
        )

    async def submit(self, prompt: PromptSubmitted) -> PromptSubmitted:
        """Store the prompt in the log."""
        subject = subjects.prompt(prompt.user_id, prompt.model, 0)
        await self.broker.jetstream().publish(subject, encode_event(prompt))
        return prompt

    async def ask(self, content: str, **sampling: object) -> PromptSubmitted:
        """Submit a prompt to the scripted model."""
        return await self.submit(self.prompt(content, **sampling))

    async def frames(self, reply_id: str) -> list[Frame]:
        """Return the frames that the log holds."""
        return [item.frame for item in await self.log.read(reply_id) if item.frame is not None]

    async def frames_until(
        self, reply_id: str, done: Callable[[list[Frame]], bool], timeout_s: float = 20.0
    ) -> list[Frame]:
        """Return the frames of the reply once ``done`` says so."""
        async with asyncio.timeout(timeout_s):
            while True:
                frames = await self.frames(reply_id)
                if done(frames):
                    return frames
                await asyncio.sleep(_POLL_S)

    async def read_until(
        self, reply_id: str, done: Callable[[FoldedReply], bool], timeout_s: float = 20.0
    ) -> FoldedReply:
        """Return the fold of the reply once ``done`` says so."""
        async with asyncio.timeout(timeout_s):
            while True:
                try:
                    folded = fold_all(await self.frames(reply_id))
                except LogUnavailable:
                    continue
                if done(folded):
                    return folded
                assert folded.end is None, f"the reply ended first: {folded.end}"
                await asyncio.sleep(_POLL_S)

    async def read_to_end(self, reply_id: str, timeout_s: float = 20.0) -> FoldedReply:
        """Return the whole reply once it has ended."""
        return await self.read_until(reply_id, lambda folded: folded.end is not None, timeout_s)

    async def attempts(self, reply_id: str) -> list[str]:
        """Return the workers that began the reply, in order."""
        frames = await self.frames(reply_id)
        return [frame.worker for frame in frames if isinstance(frame, Attempt)]

    async def cancel(self, reply_id: str) -> int:
        """Cancel through the claim register, and give notice; return the register's sequence."""
        fence = await self.write_cancel(reply_id)
        await self.broker.publish(subjects.control(reply_id), str(fence).encode())
        return fence

    async def write_cancel(self, reply_id: str) -> int:
        """Make the claim register say cancelled; return its sequence."""
        state = await self.log.read_register(reply_id)
        n = state.claim.n if state.claim is not None else 0
        return await self.log.write_register(reply_id, Claim(n, cancel=True), state.sequence)

    async def ask_for_slot(self, reply_id: str, fence: int, timeout_s: float = 5.0) -> SlotFreed:
        """Give notice as a canceller does, and return the worker's answer."""
        notice, payload = subjects.control(reply_id), str(fence).encode()
        answer = await self.broker.request(notice, payload, timeout=timeout_s)
        return decode_slot_freed(answer.data)

    async def finished(self, prompt: PromptSubmitted, timeout_s: float = 10.0) -> ReplyFinished:
        """Return the ReplyFinished event of the prompt."""
        subject = subjects.finished(prompt.user_id, prompt.model)
        async with asyncio.timeout(timeout_s):
            while True:
                for event in await self.events(subject):
                    if isinstance(event, ReplyFinished) and event.reply_id == prompt.reply_id:
                        return event
                await asyncio.sleep(_POLL_S)

    async def events(self, subject: str) -> list[Event]:
        """Return the facts of a subject that the log holds."""
        jetstream = self.broker.jetstream()
        events: list[Event] = []
        sequence = 1
        while True:
            try:
                message = await jetstream.get_msg("CHAT", sequence, subject=subject, next=True)
            except NotFoundError:
                return events
            assert message.seq is not None
            assert message.data is not None
            events.append(decode_event(message.data))
            sequence = message.seq + 1


def expected_text(prompt: PromptSubmitted, max_tokens: int = 4_096) -> str:
    """Return what the scripted engine must answer."""
    limit = prompt.sampling.max_tokens or max_tokens
    return scripted_text(prompt.messages, prompt.sampling, limit)
