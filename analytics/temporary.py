"""Keep no word of what was said in a temporary conversation, only what it cost. Pure."""

import re

from msgspec.structs import replace

from schemas.events import Failure, ReplyFinished, decode_event, encode_event

# Within a text the quotes would be escaped.
_SAYS_SO = re.compile(rb'"temporary"\s*:\s*true')


def says_temporary(payload: bytes) -> bool:
    """Tell whether an event says that it is temporary, be it one that does not parse."""
    return _SAYS_SO.search(payload) is not None


def without_words(payload: bytes) -> bytes | None:
    """Return what a reply cost, without a word of it; ``None`` where that cannot be told apart."""
    try:
        event = decode_event(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, ReplyFinished):
        return None
    error = None if event.error is None else Failure(event.error.code, "")
    return encode_event(replace(event, text="", error=error))
