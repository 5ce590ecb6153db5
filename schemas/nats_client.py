"""nats-py's client with shorter ways for messages, which bears a broker that is stuck.

Every frame read from the log carries four to six headers, and nats-py 2.16 looks at each character
of each name: 10 us a frame of the 20 that reading it costs. Names repeat, so here each is checked
once. ``tests/schemas/test_nats_client.py`` compares the two parsers. A live frame needs two of its
headers and no message object: a ``MessageSink`` gets the bytes as they came. And a token that is
published need not pass five coroutines to be put beside what is sent next (3.3 us against 0.5).

Towards a broker that takes nothing nats-py 2.16 takes any number of messages and loses the
cancellation of a task that publishes; and it waits until a connection that it gives up has sent all
that was written to it, which a host that vanished never takes.
"""

import asyncio
from typing import Any, cast

from nats.aio.client import Client
from nats.aio.subscription import Subscription
from nats.errors import (
    ConnectionClosedError,
    ConnectionDrainingError,
    MaxPayloadError,
    OutboundBufferLimitError,
)
from nats.protocol.command import pub_cmd

# Peers may send any number of names; only so many are remembered.
_REMEMBERED_NAMES = 256

_names: dict[bytes, str | None] = {}


# No ABC: whether something is one is asked for each message, and takes a call into Python there.
class MessageSink:
    """Takes the messages of one subscription as bytes, in the moment in which they come."""

    def take(self, headers: bytes, data: bytes) -> None:
        """Take one message; whatever this raises ends the connection."""
        raise NotImplementedError


class NatsClient(Client):
    """The same client, faster with messages and never stuck."""

    async def subscribe_sink(self, subject: str, sink: MessageSink) -> Subscription:
        """Hand the messages of a subject to ``sink``; raises ``nats.errors.Error``."""
        # nats-py's own short way: a subscription's future gets its message without a task.
        return await self.subscribe(subject, future=cast("Any", sink))

    def publish_now(self, subject: str, payload: bytes, reply: str = "") -> None:
        """Put a message at the end of what is sent next; it waits for nothing.

        Raises what ``publish`` does, and ``OutboundBufferLimitError`` where that would wait. The
        subjects are not checked.
        """
        if self.is_closed:
            raise ConnectionClosedError
        if self.is_draining_pubs:
            raise ConnectionDrainingError
        size = len(payload)
        if size > self._max_payload:
            raise MaxPayloadError
        command = pub_cmd(subject, reply, payload)
        if self._pending_data_size + len(command) > self._max_pending_size:
            raise OutboundBufferLimitError
        self.stats["out_msgs"] += 1
        self.stats["out_bytes"] += size
        self._pending.append(command)
        self._pending_data_size += len(command)
        # Without a flusher the connection is lost, and what is pending goes with the next one.
        flusher, kicks = self._flusher_task, self._flush_queue
        if flusher is not None and not flusher.done() and kicks is not None and kicks.empty():
            kicks.put_nowait(asyncio.get_running_loop().create_future())

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes
    ) -> None:
        subscription = self._subs.get(sid)
        sink = None if subscription is None else subscription._future
        if isinstance(sink, MessageSink):
            sink.take(headers, data)
        else:
            await super()._process_msg(sid, subject, reply, data, headers)

    async def _send_command(self, cmd: bytes, priority: bool = False) -> None:  # noqa: FBT001
        too_much = self._pending_data_size + len(cmd) > self._max_pending_size
        if too_much and self._pending_data_size and cmd.startswith((b"PUB ", b"HPUB ")):
            await self._flush_pending(force_flush=True)
            if self._pending_data_size + len(cmd) > self._max_pending_size:
                raise OutboundBufferLimitError
        await super()._send_command(cmd, priority)

    def abort(self) -> None:
        """Drop the connection to the broker, and what is still to be sent with it."""
        writer = getattr(self._transport, "_io_writer", None)
        if writer is not None:
            writer.transport.abort()

    async def _flush_pending(self, force_flush: bool = False) -> Any:  # noqa: FBT001
        task = asyncio.current_task()
        cancels = 0 if task is None else task.cancelling()
        try:
            flushed = await super()._flush_pending(force_flush)
        except (OSError, RuntimeError):
            # How asyncio and uvloop speak of a connection that was lost just now. What is pending
            # goes with the next one, as what is said while there is none.
            flushed = None
        if task is not None and task.cancelling() > cancels:
            raise asyncio.CancelledError
        return flushed

    async def _attempt_reconnect(self) -> None:
        self.abort()
        await super()._attempt_reconnect()

    @staticmethod
    def _parse_header_lines(raw: bytes) -> dict[str, str]:
        headers: dict[str, str] = {}
        for line in raw.split(b"\r\n"):
            name, separator, value = line.partition(b":")
            if not separator:
                continue
            key = _names.get(name) or _header_name(name)
            if key is not None:
                headers[key] = value.strip().decode("utf-8", "replace")
        return headers


def _header_name(raw: bytes) -> str | None:
    """Return a header's name, or ``None`` if it is none: not ASCII, or with blanks inside."""
    if raw in _names:
        return _names[raw]
    try:
        name: str | None = raw.strip().decode("ascii")
    except UnicodeDecodeError:
        name = None
    if name is not None and any(character.isspace() for character in name):
        name = None
    if len(_names) < _REMEMBERED_NAMES:
        _names[raw] = name
    return name
