"""Make and check the identifiers that travel through Rivulet.

* ULID (26 characters, Crockford base32): conversations and messages; sorts by time.
  Format: https://github.com/ulid/spec
* ``reply_id`` (36 characters): a ULID and ten base32 characters of an HMAC that binds it to
  its owner, so that a route can refuse a foreign or forged id before it builds a subject from it.
* ``user_id`` (20 characters of ``a-z0-9``): opaque, never an address or a name.
"""

import base64
import hashlib
import hmac
import re
import secrets
import string
import time

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_LENGTH = 26
_ULID_TIME_LENGTH = 10
_TAG_LENGTH = 10
_USER_ID_LENGTH = 20
REPLY_ID_FORM = r"[0-9A-Z]{36}"
_REPLY_ID = re.compile(REPLY_ID_FORM)
_ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
_USER_ID_ALPHABET = string.ascii_lowercase + string.digits


def new_ulid(now_ms: int | None = None) -> str:
    """Return a fresh ULID; ``now_ms`` is Unix time in milliseconds (default: now)."""
    milliseconds = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    return ulid_of(milliseconds, secrets.randbits(80))


def ulid_of(at_ms: int, random_bits: int) -> str:
    """Return the ULID of a time, Unix in milliseconds, and of 80 bits that make it unique."""
    value = (at_ms << 80) | random_bits
    return "".join(_CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5))


def is_ulid(text: str) -> bool:
    """Tell whether ``text`` has the form of a ULID."""
    return _ULID.fullmatch(text) is not None


def made_at_ms(identifier: str) -> int:
    """Return when a ULID, or a reply id, was made: Unix time in milliseconds."""
    value = 0
    for character in identifier[:_ULID_TIME_LENGTH]:
        value = value * 32 + _CROCKFORD.index(character)
    return value


def new_user_id() -> str:
    """Return a fresh opaque user id."""
    return "".join(secrets.choice(_USER_ID_ALPHABET) for _ in range(_USER_ID_LENGTH))


def new_reply_id(secret: bytes, user_id: str) -> str:
    """Return a fresh reply id that only ``user_id`` may use."""
    ulid = new_ulid()
    return ulid + _owner_tag(secret, ulid, user_id)


def owns_reply(secret: bytes, user_id: str, reply_id: str) -> bool:
    """Tell whether ``reply_id`` is well formed and was made for ``user_id``.

    Call this before a subject is built from a reply id that came from outside: a ``*`` in a
    subject would read everyone's tokens.
    """
    if _REPLY_ID.fullmatch(reply_id) is None:
        return False
    expected = _owner_tag(secret, reply_id[:_ULID_LENGTH], user_id)
    return hmac.compare_digest(expected, reply_id[_ULID_LENGTH:])


def _owner_tag(secret: bytes, ulid: str, user_id: str) -> str:
    digest = hmac.digest(secret, (ulid + user_id).encode(), hashlib.sha256)
    return base64.b32encode(digest).decode()[:_TAG_LENGTH]
