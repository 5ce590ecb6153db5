"""The notice that a user's sessions, keys or rights have changed, for every gateway process.

A core message on ``sessions.ended``. It says of whom and not what: whoever has something open of
this user looks at the store again, so that it may come late, twice or without reason.
"""

import msgspec
from msgspec import Struct


class SessionsEnded(Struct, frozen=True):
    """Something of ``user_id`` has ended."""

    user_id: str


encode_sessions_ended = msgspec.json.Encoder().encode
decode_sessions_ended = msgspec.json.Decoder(SessionsEnded).decode
