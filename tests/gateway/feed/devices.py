"""Listen to ``/api/events`` as a device does, and do what its user might do elsewhere."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
from nats.aio.client import Client

from schemas import subjects
from schemas.events import (
    ChatMessage,
    ConversationChanged,
    ConversationCreated,
    ConversationDeleted,
    ConversationEvent,
    PromptSubmitted,
    ReplyFinished,
    Sampling,
    Timings,
    Usage,
    encode_event,
)
from schemas.finished_publisher import publish_finished
from schemas.ids import new_reply_id, new_ulid
from schemas.streams import CHAT
from tests.gateway.event_reading import Event, events_of
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.users import User

DEADLINE_S = 20.0


class Device:
    """One open stream of news."""

    def __init__(self, response: httpx.Response) -> None:
        self._events = events_of(response)

    async def next(self) -> Event:
        """Return the next event."""
        async with asyncio.timeout(DEADLINE_S):
            return await anext(self._events)

    async def some(self, number: int) -> list[Event]:
        """Return so many events."""
        return [await self.next() for _ in range(number)]

    async def rest(self) -> list[Event]:
        """Return what comes before the server ends the stream."""
        async with asyncio.timeout(DEADLINE_S):
            return [event async for event in self._events]


@contextlib.asynccontextmanager
async def listening(
    gateway: GatewayProcess, user: User, after: str | None = None
) -> AsyncIterator[Device]:
    """Open a stream from a cursor on."""
    headers = user.headers if after is None else {**user.headers, "Last-Event-ID": after}
    async with (
        httpx.AsyncClient(base_url=gateway.url, headers=headers, timeout=DEADLINE_S) as http,
        http.stream("GET", "/api/events") as response,
    ):
        assert response.status_code == 200, await response.aread()
        yield Device(response)


@contextlib.asynccontextmanager
async def new_device(gateway: GatewayProcess, user: User) -> AsyncIterator[Device]:
    """Open a stream that has said what runs: nothing."""
    async with listening(gateway, user) as device:
        first = await device.next()
        assert (first.name, first.data) == ("running", {"replies": []})
        yield device


class Elsewhere:
    """What the user does on other devices, as the log has it."""

    def __init__(self, broker: Client, user: User) -> None:
        self._broker = broker
        self._user_id = user.user_id

    async def create(self, conversation_id: str, **fields: Any) -> int:
        return await self._publish(ConversationCreated(**self._about(conversation_id), **fields))

    async def change(self, conversation_id: str, **fields: Any) -> int:
        return await self._publish(ConversationChanged(**self._about(conversation_id), **fields))

    async def delete(self, conversation_id: str) -> int:
        return await self._publish(ConversationDeleted(**self._about(conversation_id)))

    async def ask(self, model: str = "m", content: str = "Hello", **fields: Any) -> PromptSubmitted:
        """Store a prompt that nobody answers."""
        event = prompt_of(self._user_id, model, content, **fields)
        subject = subjects.prompt(self._user_id, model, 0)
        headers = {"Rivulet-Reply-Id": event.reply_id}
        await self._store(subject, encode_event(event), headers)
        return event

    async def finish(self, prompt: PromptSubmitted) -> None:
        await publish_finished(self._broker.jetstream(), finished_of(prompt))

    async def raw(self, data: bytes) -> int:
        """Store something that is no event."""
        return await self._store(subjects.conversation(self._user_id), data, {})

    async def store(self, subject: str, prompt: PromptSubmitted) -> None:
        """Store a prompt without any header."""
        await self._store(subject, encode_event(prompt), {})

    async def _publish(self, event: ConversationEvent) -> int:
        return await self._store(subjects.conversation(self._user_id), encode_event(event), {})

    async def _store(self, subject: str, data: bytes, headers: dict[str, str]) -> int:
        jetstream = self._broker.jetstream()
        return (await jetstream.publish(subject, data, stream=CHAT, headers=headers)).seq

    def _about(self, conversation_id: str) -> dict[str, Any]:
        return {"conversation_id": conversation_id, "user_id": self._user_id, "at_ms": now_ms()}


def prompt_of(
    user_id: str, model: str = "m", content: str = "Hi", **fields: Any
) -> PromptSubmitted:
    now = now_ms()
    begins: dict[str, Any] = {"conversation_id": new_ulid(now), **fields}
    return PromptSubmitted(
        reply_id=new_reply_id(b"secret", user_id),
        user_id=user_id,
        user_message_id=new_ulid(now),
        assistant_message_id=new_ulid(now),
        model=model,
        messages=(ChatMessage("user", content),),
        sampling=Sampling(),
        submitted_at_ms=now,
        deadline_ms=now + 600_000,
        client="web",
        **begins,
    )


def finished_of(prompt: PromptSubmitted, **fields: Any) -> ReplyFinished:
    said: dict[str, Any] = {"status": "completed", "text": "a title", **fields}
    return ReplyFinished(
        reply_id=prompt.reply_id,
        user_id=prompt.user_id,
        user_message_id=prompt.user_message_id,
        assistant_message_id=prompt.assistant_message_id,
        model=prompt.model,
        usage=Usage(prompt_tokens=1, completion_tokens=1),
        timings=Timings(queue_ms=1, first_token_ms=1, total_ms=2),
        attempts=1,
        submitted_at_ms=prompt.submitted_at_ms,
        finished_at_ms=now_ms(),
        client=prompt.client,
        kind=prompt.kind,
        conversation_id=prompt.conversation_id,
        temporary=prompt.temporary,
        **said,
    )


def now_ms() -> int:
    return time.time_ns() // 1_000_000
