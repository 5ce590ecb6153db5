"""Ask the broker what the log of facts holds: its first and last sequence, and since when."""

from typing import NamedTuple

import msgspec
from msgspec import Struct
from nats.aio.client import Client
from nats.errors import Error as NatsError

from analytics.errors import LogUnavailable
from schemas.streams import CHAT

_TIMEOUT_S = 5.0


class LogState(NamedTuple):
    """What CHAT holds; ``first`` is ``last + 1`` when it is empty.

    ``created`` tells it apart from a log that was made anew. Why something is missing below
    ``first`` is not known: it was erased or temporary, too old, or purged by hand.
    """

    first: int
    last: int
    created: str


class _State(Struct):
    first_seq: int
    last_seq: int


class _Info(Struct):
    created: str
    state: _State


async def log_state(broker: Client) -> LogState:
    """Return what the log holds; raises ``LogUnavailable``."""
    try:
        answer = await broker.request(f"$JS.API.STREAM.INFO.{CHAT}", b"", timeout=_TIMEOUT_S)
        info = msgspec.json.decode(answer.data, type=_Info)
    except (NatsError, TimeoutError, msgspec.DecodeError) as error:
        raise LogUnavailable("the broker does not say what the log holds") from error
    return LogState(info.state.first_seq, info.state.last_seq, info.created)
