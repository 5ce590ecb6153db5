"""List messages of the log of facts without their bodies: a short-lived consumer of headers only.

A batched direct get has no such option, and a prompt may have megabytes. One of these costs the
broker a little memory and 7 us a message here; it goes away by itself when it is not used.
"""

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from schemas.direct_get import LogUnavailable
from schemas.streams import CHAT

_API = "$JS.API"
_TIMEOUT_S = 2.0
_NANOSECONDS = 1_000_000_000
# "No Messages", and "Requests Pending" where some were handed out before.
_AT_END = ("404", "408")


class Listed(NamedTuple):
    """A message: where it stands in the stream, its subject and its headers."""

    sequence: int
    subject: str
    headers: Mapping[str, str]


class HeaderScan:
    """Goes through the messages of one filter once, from a given place on.

    ``found`` is how many there were when the scan was opened.
    """

    def __init__(self, client: Client, name: str, found: int) -> None:
        """Use ``open`` instead."""
        self._client = client
        self._name = name
        self.found = found

    @classmethod
    async def open(
        cls, client: Client, subject: str, *, start: Mapping[str, object], kept_s: float
    ) -> Self:
        """Begin at ``start``, options of the consumer; it is kept for ``kept_s`` without use.

        Raises ``LogUnavailable``.
        """
        name = f"scan-{secrets.token_hex(8)}"
        config = {
            "name": name,
            **start,
            "ack_policy": "none",
            "filter_subject": subject,
            "headers_only": True,
            "mem_storage": True,
            "num_replicas": 1,
            "inactive_threshold": round(kept_s * _NANOSECONDS),
        }
        created = await api_request(
            client, f"CONSUMER.CREATE.{CHAT}.{name}", {"stream_name": CHAT, "config": config}
        )
        return cls(client, name, int(created["num_pending"]))

    async def next(self, limit: int) -> list[Listed]:
        """Return the next messages, at most ``limit``; none when there are no more now.

        Raises ``LogUnavailable``: then open another scan.
        """
        answers: asyncio.Queue[Msg] = asyncio.Queue()
        inbox = self._client.new_inbox()
        try:
            subscription = await self._client.subscribe(inbox, cb=_into(answers))
            try:
                await self._client.publish(
                    f"{_API}.CONSUMER.MSG.NEXT.{CHAT}.{self._name}",
                    orjson.dumps({"batch": limit, "no_wait": True}),
                    reply=inbox,
                )
                return await _collect(answers, limit)
            finally:
                # A closed connection's refusal must not take the place of a cancellation.
                with suppress(NatsError):
                    await subscription.unsubscribe()
        except (NatsError, TimeoutError) as error:
            raise LogUnavailable from error

    async def close(self) -> None:
        """Let the broker forget the scan; it would by itself."""
        try:
            await self._client.publish(f"{_API}.CONSUMER.DELETE.{CHAT}.{self._name}", b"")
        except NatsError:
            return


async def api_request(client: Client, call: str, body: object = None) -> dict[str, Any]:
    """Return the broker's answer to one JetStream call; raises ``LogUnavailable``."""
    payload = b"" if body is None else orjson.dumps(body)
    try:
        answer = await client.request(f"{_API}.{call}", payload, timeout=_TIMEOUT_S)
        found: dict[str, Any] = orjson.loads(answer.data)
    except (NatsError, TimeoutError, orjson.JSONDecodeError) as error:
        raise LogUnavailable from error
    if "error" in found:
        raise LogUnavailable(f"the broker refused {call}: {found['error']}")
    return found


def since(milliseconds: int) -> Mapping[str, object]:
    """Return the options of a scan that begins at a Unix time."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat().replace("+00:00", "Z")
    return {"deliver_policy": "by_start_time", "opt_start_time": moment}


def _into(answers: "asyncio.Queue[Msg]") -> Any:
    async def receive(message: Msg) -> None:
        answers.put_nowait(message)

    return receive


async def _collect(answers: "asyncio.Queue[Msg]", limit: int) -> list[Listed]:
    listed: list[Listed] = []
    while len(listed) < limit:
        message = await asyncio.wait_for(answers.get(), _TIMEOUT_S)
        headers = message.headers or {}
        status = headers.get("Status")
        if status in _AT_END:
            break
        if status is not None:
            raise LogUnavailable(f"the broker answered a scan with status {status}")
        metadata = message.metadata
        listed.append(Listed(metadata.sequence.stream, message.subject, headers))
        if metadata.num_pending == 0:
            break
    return listed
