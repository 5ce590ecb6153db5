"""What a worker says of itself every second, and how long it is believed.

Beacons are core messages on ``worker.<model>.<id>``; gateways and workers subscribe to them. They
feed ``/v1/models``, queue estimates and "is there another worker".
"""

import msgspec
from msgspec import Struct

from schemas.events import ChatMessage

BEACON_PERIOD_S = 1.0
# Five missed beacons: a worker that is busy for a moment must not look dead.
WORKER_DEAD_AFTER_S = 5.0


class Beacon(Struct, frozen=True, kw_only=True):
    """One worker's state. ``slots`` and ``free`` are replies, ``max_model_len`` is tokens.

    ``reply_s`` is how long its latest replies took from claim to end, on average; 0 while unknown.
    """

    worker: str
    model: str
    slots: int
    free: int
    draining: bool
    max_model_len: int
    tokens_per_s: float
    reply_s: float = 0.0


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Beacon)


def encode_beacon(beacon: Beacon) -> bytes:
    """Return the beacon as JSON."""
    return _encoder.encode(beacon)


def decode_beacon(data: bytes) -> Beacon:
    """Parse a beacon; raises ``msgspec.DecodeError`` when it is not one."""
    return _decoder.decode(data)


class CountRequest(Struct, frozen=True):
    """Asks a worker how many tokens the messages have after the chat template."""

    messages: tuple[ChatMessage, ...]


class CountAnswer(Struct, frozen=True):
    """Tokens of the prompt and of the model's whole context."""

    prompt_tokens: int
    max_model_len: int
