"""Read and write one reply's part of the token log: its frames and its claim register.

Every write that decides something is fenced: the broker refuses it when the claim register has
moved on (``Nats-Expected-Last-Subject-Sequence`` with ``-Subject``, NATS 2.12). Reads see every
write that was acknowledged before.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import NamedTuple, Self

import msgspec
from msgspec import Struct
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from schemas import subjects
from schemas.direct_get import DirectGet, LogUnavailable
from schemas.errors import RivuletError
from schemas.frames import End, Frame, decode_frame, encode_frame
from schemas.streams import REPLIES

_EXPECTED_SEQUENCE = "Nats-Expected-Last-Subject-Sequence"
_EXPECTED_SUBJECT = "Nats-Expected-Last-Subject-Sequence-Subject"
_EXPECTED_MESSAGE_ID = "Nats-Expected-Last-Msg-Id"
_MESSAGE_ID = "Nats-Msg-Id"
# The broker's answers to a write that expected something else.
_REFUSALS = (10070, 10071)
# No frame has this message id.
_NEVER = "never"
# Of one read from the broker: it bounds memory, not what can be read.
BATCH_FRAMES = 512
BATCH_BYTES = 4 * 1024 * 1024
_TIMEOUT_S = 2.0
_NO_MESSAGES = "404"


class FenceLost(RivuletError):
    """The claim register has moved on; whoever holds the newer claim decides."""


class Overtaken(RivuletError):
    """The reply has newer frames than were read; read them before you write."""


class BadFrame(RivuletError):
    """A stored frame does not parse; the reply cannot be read past it."""


class Claim(Struct, frozen=True, omit_defaults=True):
    """What the register ``claim.<reply_id>`` holds: the latest attempt, or a cancel.

    ``delivery`` is the broker's delivery count of the prompt when the claim was made.
    """

    n: int
    worker: str | None = None
    delivery: int = 0
    cancel: bool = False


class RegisterState(NamedTuple):
    """The register's content and sequence; ``None`` and 0 while nobody has claimed."""

    claim: Claim | None
    sequence: int


class StoredFrame(NamedTuple):
    """A frame as the log holds it. ``frame`` is ``None`` when its bytes do not parse."""

    sequence: int
    frame: Frame | None
    stored_at_ms: int = 0


class FrameBatch(NamedTuple):
    """Frames in stream order, and whether the log held more of the reply after them."""

    frames: list[StoredFrame]
    more: bool


_encode = msgspec.json.Encoder().encode
_decode_claim = msgspec.json.Decoder(Claim).decode


class ReplyLog:
    """The token log over one broker connection; safe for any number of tasks."""

    def __init__(self, broker: Client, direct_get: DirectGet) -> None:
        """Use ``open`` instead: reads need a subscription."""
        self._broker = broker
        self._jetstream = broker.jetstream(timeout=_TIMEOUT_S)
        self._direct_get = direct_get

    @classmethod
    async def open(cls, broker: Client) -> Self:
        """Return a log over ``broker`` that is ready to read."""
        return cls(broker, await DirectGet.open(broker))

    async def read_register(self, reply_id: str) -> RegisterState:
        """Return the claim register of a reply; raises ``LogUnavailable``."""
        message = await self._last(subjects.claim(reply_id))
        if message is None:
            return RegisterState(None, 0)
        return RegisterState(_decode_claim(message.data), _sequence_of(message))

    async def write_register(self, reply_id: str, claim: Claim, expected: int) -> int:
        """Replace the register if its last sequence is still ``expected``; return the new one.

        Raises ``FenceLost`` when somebody else wrote first, ``LogUnavailable`` when the outcome
        is unknown (read the register to learn it).
        """
        headers = {_EXPECTED_SEQUENCE: str(expected)}
        return await self._store(subjects.claim(reply_id), _encode(claim), headers)

    async def append_fenced(
        self, reply_id: str, frame: Frame, fence: int, message_id: str | None = None
    ) -> int:
        """Store a frame if the register's last sequence is still ``fence``; return its sequence.

        Raises ``FenceLost`` or ``LogUnavailable``.
        """
        headers = {_EXPECTED_SEQUENCE: str(fence), _EXPECTED_SUBJECT: subjects.claim(reply_id)}
        if message_id is not None:
            headers[_MESSAGE_ID] = message_id
        return await self._store(subjects.reply(reply_id), encode_frame(frame), headers)

    async def append(self, reply_id: str, frame: Frame) -> int:
        """Store a frame and wait for the acknowledgement; return its sequence."""
        return await self._store(subjects.reply(reply_id), encode_frame(frame), {})

    async def append_next(self, reply_id: str, frame: Frame, after: int) -> int:
        """Store a frame if the reply's newest one still has the sequence ``after``.

        Returns its own sequence; raises ``Overtaken`` or ``LogUnavailable``.
        """
        headers = {_EXPECTED_SEQUENCE: str(after)}
        try:
            return await self._store(subjects.reply(reply_id), encode_frame(frame), headers)
        except FenceLost as error:
            raise Overtaken from error

    async def append_end(self, reply_id: str, end: End, fence: int, tries: int) -> int:
        """Store an attempt's end as ``append_fenced`` does, with a message id for each try.

        The next try may only be made once this one is in the log: see ``has_end``.
        """
        return await self.append_fenced(reply_id, end, fence, _end_id(reply_id, end.n, tries))

    async def has_end(self, reply_id: str, n: int) -> bool:
        """Tell whether attempt ``n`` has stored an end, valid or void; nothing is read.

        The broker looks for a message id, which it remembers for ``DUPLICATE_WINDOW_S``, before it
        refuses what is expected here. Raises ``LogUnavailable``.
        """
        headers = {_MESSAGE_ID: _end_id(reply_id, n, tries=1), _EXPECTED_MESSAGE_ID: _NEVER}
        try:
            await self._store(subjects.reply(reply_id), b"", headers)
        except FenceLost:
            return False
        return True

    async def count_frames(self, reply_id: str) -> int:
        """Return how many frames of the reply the log holds."""
        subject = subjects.reply(reply_id)
        try:
            info = await self._jetstream.stream_info(REPLIES, subjects_filter=subject)
        except (NatsError, TimeoutError) as error:
            raise LogUnavailable from error
        return int((info.state.subjects or {}).get(subject, 0))

    async def read_last(self, reply_id: str) -> StoredFrame | None:
        """Return the newest frame of a reply, ``None`` without any; raises ``LogUnavailable``."""
        message = await self._last(subjects.reply(reply_id))
        return None if message is None else _stored_frame(message)

    async def read(self, reply_id: str, after: int = 0) -> list[StoredFrame]:
        """Return every stored frame with a sequence above ``after``, in stream order.

        What was acknowledged before the call is in it. Raises ``LogUnavailable``.
        """
        return [frame async for batch in self.batches(reply_id, after) for frame in batch]

    async def batches(self, reply_id: str, after: int = 0) -> AsyncIterator[list[StoredFrame]]:
        """Yield what ``read`` returns, at most ``BATCH_FRAMES`` at a time and none empty.

        A reader that is slow to ask for the next batch holds one in memory. Raises
        ``LogUnavailable``.
        """
        more = True
        while more:
            frames, more = await self.read_batch(reply_id, after)
            if not frames:
                return
            after = frames[-1].sequence
            yield frames

    async def read_batch(
        self, reply_id: str, after: int = 0, limit: int = BATCH_FRAMES
    ) -> FrameBatch:
        """Return the first batch of what ``read`` returns; raises ``LogUnavailable``."""
        where = {"seq": after + 1, "next_by_subj": subjects.reply(reply_id)}
        limits = {"batch": limit, "max_bytes": BATCH_BYTES}
        messages, pending = await self._direct_get.read(REPLIES, {**where, **limits})
        return FrameBatch([_stored_frame(message) for message in messages], pending > 0)

    async def _last(self, subject: str) -> Msg | None:
        request = f"$JS.API.DIRECT.GET.{REPLIES}.{subject}"
        try:
            message = await self._broker.request(request, b"", timeout=_TIMEOUT_S)
        except NatsError as error:
            raise LogUnavailable from error
        return None if (message.headers or {}).get("Status") == _NO_MESSAGES else message

    async def _store(self, subject: str, payload: bytes, headers: dict[str, str]) -> int:
        try:
            ack = await self._jetstream.publish(
                subject, payload, timeout=_TIMEOUT_S, stream=REPLIES, headers=headers
            )
        except APIError as error:
            if error.err_code in _REFUSALS:
                raise FenceLost from error
            raise LogUnavailable(f"the broker refused a frame: {error}") from error
        except (NatsError, TimeoutError) as error:
            raise LogUnavailable from error
        return ack.seq


def _end_id(reply_id: str, n: int | None, tries: int) -> str:
    return f"{reply_id}.{n}.{tries}"


def _stored_frame(message: Msg) -> StoredFrame:
    headers = message.headers or {}
    stored_at = datetime.fromisoformat(headers["Nats-Time-Stamp"])
    stored_at_ms = int(stored_at.timestamp() * 1000)
    return StoredFrame(_sequence_of(message), _frame_or_none(message.data), stored_at_ms)


def _sequence_of(message: Msg) -> int:
    return int((message.headers or {})["Nats-Sequence"])


def _frame_or_none(data: bytes) -> Frame | None:
    try:
        return decode_frame(data)
    except msgspec.DecodeError:
        return None
