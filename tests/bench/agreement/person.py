"""One person's account, and what they do over HTTP."""

import asyncio
import random
import uuid
from typing import Any, NamedTuple

import httpx
import orjson

PASSWORD = "long enough for a bench"
_MODEL = "rivulet-demo"
_AGAIN = 503
_GOES_ON = 0.6


class Accepted(NamedTuple):
    """A prompt's ids."""

    reply_id: str
    conversation_id: str
    assistant_message_id: str


class Person:
    """Somebody with a session of their own."""

    def __init__(self, url: str, email: str, rng: random.Random) -> None:
        self.email = email
        self._rng = rng
        self._http = httpx.AsyncClient(base_url=url, timeout=120)
        self._conversations: list[str] = []

    async def register(self, **more: str) -> None:
        """Make the account, and a key: it lasts longer than a session's token."""
        body = {"email": self.email, "password": PASSWORD, "name": self.email, **more}
        self._signed_in_with((await self._ask("POST", "/api/auth/register", body))["access_token"])
        made = await self._ask("POST", "/api/keys", {"name": "bench", "scopes": ["chat"]})
        self._signed_in_with(made["key"])

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def talk(self) -> None:
        """Begin a conversation or go on with one, and read the answer."""
        known = None
        if self._conversations and self._rng.random() < _GOES_ON:
            # In one conversation they say one thing at a time.
            known = self._conversations.pop(self._rng.randrange(len(self._conversations)))
        accepted = await self._prompt(conversation_id=known)
        await self._read(accepted.reply_id)
        self._conversations.append(accepted.conversation_id)

    async def talk_and_judge(self) -> None:
        """Have an answer, rate it, and rename and pin its conversation."""
        accepted = await self._prompt()
        await self._read(accepted.reply_id)
        conversation = f"/api/conversations/{accepted.conversation_id}"
        rated = f"{conversation}/messages/{accepted.assistant_message_id}/feedback"
        rating = self._rng.choice(("up", "down"))
        await self._ask("PUT", rated, {"rating": rating})
        await self._ask("PATCH", conversation, {"title": "Renamed", "pinned": True})
        self._conversations.append(accepted.conversation_id)

    async def ask_twice(self) -> None:
        """Have an answer, and another one beside it."""
        accepted = await self._prompt()
        await self._read(accepted.reply_id)
        again = await self._ask("POST", f"/api/replies/{accepted.reply_id}/retry", {})
        await self._read(again["reply_id"])

    async def change_ones_mind(self) -> None:
        """Cancel an answer in its midst."""
        accepted = await self._prompt(params={"max_tokens": 400, "ignore_eos": True})
        async with self._http.stream("GET", f"/api/replies/{accepted.reply_id}/events") as events:
            async for line in events.aiter_lines():
                if line.startswith('data: {"delta"'):
                    break
        await self._ask("POST", f"/api/replies/{accepted.reply_id}/cancel", {})

    async def talk_in_passing(self) -> None:
        """Have an answer that is not kept."""
        accepted = await self._prompt(temporary=True)
        await self._read(accepted.reply_id)

    async def complete(self) -> None:
        """Use the API that other programs know, streaming or not."""
        body = {
            "model": _MODEL,
            "messages": [{"role": "user", "content": self._words()}],
            "stream": self._rng.random() < 0.5,
        }
        answer = await self._http.post("/v1/chat/completions", content=orjson.dumps(body))
        answer.raise_for_status()

    async def talk_and_delete(self) -> None:
        """Have an answer, and delete its conversation."""
        accepted = await self._prompt()
        await self._read(accepted.reply_id)
        await self._ask("DELETE", f"/api/conversations/{accepted.conversation_id}")

    async def erase(self) -> None:
        """Delete the account and all that was said; a key is not enough for that."""
        body = {"email": self.email, "password": PASSWORD}
        self._signed_in_with((await self._ask("POST", "/api/auth/login", body))["access_token"])
        await self._ask("DELETE", "/api/me", {"password": PASSWORD})

    def _signed_in_with(self, credential: str) -> None:
        self._http.headers["Authorization"] = f"Bearer {credential}"

    async def _prompt(self, **fields: object) -> Accepted:
        given = {name: value for name, value in fields.items() if value is not None}
        body = {"model": _MODEL, "content": self._words(), **given}
        accepted = await self._ask("POST", "/api/prompts", body)
        return Accepted(*(accepted[field] for field in Accepted._fields))

    async def _read(self, reply_id: str) -> None:
        answer = await self._http.get(f"/api/replies/{reply_id}/events")
        answer.raise_for_status()
        assert '"done":true' in answer.text, answer.text[-500:]

    def _words(self) -> str:
        return f"Tell me about {uuid.UUID(int=self._rng.getrandbits(128), version=4)}."

    async def _ask(self, method: str, path: str, body: object = None) -> Any:
        content = None if body is None else orjson.dumps(body)
        answer = await self._http.request(method, path, content=content)
        while answer.status_code == _AGAIN:
            # The history was killed a moment ago, and has not caught up.
            await asyncio.sleep(float(answer.headers["retry-after"]))
            answer = await self._http.request(method, path, content=content)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return orjson.loads(answer.content) if answer.content else None
