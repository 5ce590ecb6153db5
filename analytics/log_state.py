"""Ask the broker what the log of facts holds: its first and last sequence, and since when."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec
from msgspec import Struct
from nats.aio.client import Client
from nats.errors import Error as NatsError

from analytics.errors import LogUnavailable
from schemas.streams import CHAT

_TIMEOUT_S = 5.0
_NS = 1_000_000_000


class LogState(NamedTuple):
    """What CHAT holds; ``first`` is ``last + 1`` when it is empty.

    ``created`` tells it apart from a log that was made anew. ``unexpired``: nothing in it was ever
    old enough to leave, so what is missing below ``first`` was erased or temporary.
    """

    first: int
    last: int
    created: str
    unexpired: bool


class _State(Struct):
    first_seq: int
    last_seq: int


class _Config(Struct):
    max_age: int = 0
    max_msgs: int = -1
    max_bytes: int = -1


class _Info(Struct):
    created: str
    state: _State
    config: _Config


async def log_state(broker: Client) -> LogState:
    """Return what the log holds; raises ``LogUnavailable``."""
    try:
        answer = await broker.request(f"$JS.API.STREAM.INFO.{CHAT}", b"", timeout=_TIMEOUT_S)
        info = msgspec.json.decode(answer.data, type=_Info)
    except (NatsError, TimeoutError, msgspec.DecodeError) as error:
        raise LogUnavailable("the broker does not say what the log holds") from error
    return LogState(
        info.state.first_seq, info.state.last_seq, info.created, _is_unexpired(info, _now())
    )


def _is_unexpired(info: _Info, now: datetime) -> bool:
    limited = info.config.max_msgs > 0 or info.config.max_bytes > 0
    age_s = info.config.max_age / _NS
    # A broker's time has nanoseconds.
    created = datetime.fromisoformat(info.created)
    return not limited and (age_s == 0 or now - created < timedelta(seconds=age_s))


def _now() -> datetime:
    return datetime.now(UTC)
