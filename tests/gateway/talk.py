"""Talk through a real gateway as a user of a test's own, and write to the log about them."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import httpx
from nats.aio.client import Client

from schemas import ids, subjects
from schemas.events import ConversationEvent, PromptSubmitted, encode_event
from schemas.streams import CHAT
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.stand_in_worker import StandInWorker, Writer
from tests.gateway.users import new_user


class Talk(NamedTuple):
    """A user's client, and the worker that answers."""

    user_id: str
    http: httpx.AsyncClient
    worker: StandInWorker

    async def send(self, content: str, **fields: Any) -> httpx.Response:
        """Send a prompt; ``model`` is the worker's unless it is given, ``None`` leaves it out."""
        body = {"model": self.worker.model, "content": content, **fields}
        kept = {name: value for name, value in body.items() if value is not None}
        return await self.http.post("/api/prompts", json=kept)

    async def say(self, content: str, **fields: Any) -> dict[str, Any]:
        """Send a prompt and return what it was accepted as."""
        answer = await self.send(content, **fields)
        assert answer.status_code == 202, answer.text
        accepted: dict[str, Any] = answer.json()
        return accepted

    async def turn(self, content: str, answer: str, **fields: Any) -> dict[str, Any]:
        """Send a prompt, let the worker answer it and return what it was accepted as."""
        accepted = await self.say(content, **fields)
        await self.worker.answer(answer)
        return accepted

    async def refusal(self, content: str, **fields: Any) -> tuple[int, str, str | None]:
        """Send a prompt; return the status, the code and the param of the refusal."""
        answer = await self.send(content, **fields)
        assert answer.is_error, answer.text
        error = answer.json()["error"]
        return answer.status_code, error["code"], error["param"]

    async def asked(self, answer: str = "ok") -> PromptSubmitted:
        """Let the worker answer the next prompt, and return that."""
        return (await self.worker.answer(answer)).prompt

    async def running(self) -> Writer:
        """Let the worker begin the next prompt."""
        return await self.worker.attempt(await self.worker.next_prompt())


@contextlib.asynccontextmanager
async def talking(
    gateway: GatewayProcess, mongo_url: str, worker: StandInWorker
) -> AsyncIterator[Talk]:
    """Sign a new user in for the duration of the block."""
    user = await new_user(mongo_url)
    async with httpx.AsyncClient(base_url=gateway.url, headers=user.headers, timeout=20) as client:
        yield Talk(user.user_id, client, worker)


async def change(broker: Client, event: ConversationEvent) -> None:
    """Put an event about a conversation into the log."""
    subject = subjects.conversation(event.user_id)
    await broker.jetstream().publish(subject, encode_event(event), stream=CHAT)


def contents(prompt: PromptSubmitted) -> list[str]:
    return [message.content for message in prompt.messages]


def following(accepted: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a prompt that answers this one's reply."""
    return {
        "conversation_id": accepted["conversation_id"],
        "parent_id": accepted["assistant_message_id"],
    }


def unknown_id() -> str:
    return ids.new_ulid()
