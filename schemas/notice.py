"""What a worker answers to a notice on ``ctl.<reply_id>`` that asks for an answer.

A notice carries the register's new sequence as digits. A canceller sends it as a request: the
worker that runs the reply stops, and answers once its engine slot is free. Nobody else answers.
"""

import msgspec
from msgspec import Struct


class SlotFreed(Struct, frozen=True):
    """The engine slot that the reply held on ``worker`` is free."""

    worker: str


encode_slot_freed = msgspec.json.Encoder().encode
decode_slot_freed = msgspec.json.Decoder(SlotFreed).decode
