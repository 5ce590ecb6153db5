"""Make API keys and their hashes; only the hash is stored."""

import hashlib
import re
import secrets

_PREFIX = "rvk_"
_BYTES = 32
_FORM = re.compile(r"rvk_[A-Za-z0-9_-]{20,100}")


def new_api_key() -> str:
    """Return a fresh key."""
    return _PREFIX + secrets.token_urlsafe(_BYTES)


def is_api_key(text: str) -> bool:
    """Tell whether ``text`` has the form of a key."""
    return _FORM.fullmatch(text) is not None


def hash_of(key: str) -> str:
    """Return what is stored. The key is long and random, so one round of SHA-256 is enough."""
    return hashlib.sha256(key.encode()).hexdigest()
