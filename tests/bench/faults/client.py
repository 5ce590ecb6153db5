"""A good client: it asks with an idempotency key, resumes with its cursor, and tries elsewhere."""

import asyncio
import random
import time
import uuid
from collections.abc import Sequence
from typing import Any

import orjson

from tests.bench.faults.http_exchange import Answer, BrokenExchange, Request, exchange
from tests.bench.faults.reading import Reading
from tests.bench.faults.stack import MODEL

# A stream is kept alive every 15 s.
_SILENCE_S = 20.0
_AGAIN_S = 0.05
# Of the faults none keeps the whole stack away for longer, on a busy machine.
_GIVE_UP_S = 90.0
_RETRYABLE = (429, 503)


class Refused(Exception):
    """No gateway accepted what it must accept."""


class Client:
    """Talks to any of the gateways; safe for any number of tasks."""

    def __init__(self, ports: Sequence[int], api_key: str, rng: random.Random) -> None:
        self._ports = ports
        self._rng = rng
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self.refusals = 0

    async def ask(self, content: str, params: dict[str, Any]) -> str:
        """Submit a prompt, again with the same key until it is accepted; return the reply's id."""
        headers = {**self._headers, "Idempotency-Key": uuid.uuid4().hex}
        body = {"model": MODEL, "content": content, "params": params}
        answer = await self._insist(Request("POST", "/api/prompts", headers, body))
        return str(orjson.loads(answer.body)["reply_id"])

    async def cancel(self, reply_id: str) -> dict[str, Any]:
        """Cancel a reply, again until there is an answer; return that."""
        path = f"/api/replies/{reply_id}/cancel"
        answer = await self._insist(Request("POST", path, self._headers))
        result: dict[str, Any] = orjson.loads(answer.body)
        return result

    async def read(self, reading: Reading) -> None:
        """Read a reply to its end, over as many connections as it takes."""
        path = f"/api/replies/{reading.reply_id}/events"
        while reading.done is None:
            resume = {} if reading.cursor is None else {"Last-Event-ID": reading.cursor}
            request = Request("GET", path, {**self._headers, **resume})
            reading.connected()
            try:
                answer = await exchange(
                    self._port(), request, silence_s=_SILENCE_S, on_body=reading.feed
                )
            except BrokenExchange:
                await asyncio.sleep(_AGAIN_S)
                continue
            if await self._accept(answer) and reading.done is None:
                # A gateway that stops ends its streams; the reply goes on elsewhere.
                await asyncio.sleep(_AGAIN_S)

    async def _insist(self, request: Request) -> Answer:
        give_up_at, broken = time.monotonic() + _GIVE_UP_S, ""
        while time.monotonic() < give_up_at:
            try:
                answer = await exchange(self._port(), request, silence_s=_SILENCE_S)
            except BrokenExchange as error:
                broken = str(error)
                await asyncio.sleep(_AGAIN_S)
                continue
            if await self._accept(answer):
                return answer
        raise Refused(f"{request.method} {request.path}: no answer in {_GIVE_UP_S} s {broken}")

    async def _accept(self, answer: Answer) -> bool:
        """Tell whether the answer is one; waits if it asks to be asked again."""
        if answer.status < 300:
            return True
        if answer.status not in _RETRYABLE:
            raise Refused(f"status {answer.status}: {answer.body.decode(errors='replace')}")
        self.refusals += 1
        await asyncio.sleep(answer.retry_after_s or _AGAIN_S)
        return False

    def _port(self) -> int:
        return self._rng.choice(self._ports)
