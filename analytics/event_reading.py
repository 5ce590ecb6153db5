"""Read an event as this version understands it; what it cannot be sure of is unreadable."""

import msgspec

from analytics.errors import UnknownVersion, UnreadableEvent
from schemas.events import EVENT_VERSION, Event, decode_event


def read_event(payload: bytes) -> Event:
    """Parse an event; raises ``UnreadableEvent`` or its kind ``UnknownVersion``."""
    try:
        event = decode_event(payload)
    # Deep nesting overflows the parser's stack, wrong bytes fail as text.
    except msgspec.ValidationError as error:
        if _version_of(payload) > EVENT_VERSION:
            raise _unknown(_version_of(payload)) from error
        raise UnreadableEvent(f"{error}") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableEvent(f"{type(error).__name__} in an event") from error
    if not 1 <= event.version <= EVENT_VERSION:
        raise _unknown(event.version)
    return event


def _unknown(version: int) -> UnknownVersion:
    return UnknownVersion(
        f"an event of version {version}, and this program knows 1 to {EVENT_VERSION}"
    )


class _Versioned(msgspec.Struct):
    version: int = 0


def _version_of(payload: bytes) -> int:
    try:
        return msgspec.json.decode(payload, type=_Versioned).version
    except (ValueError, RecursionError):
        return 0
