"""What the scripted engine says: a pure function of prompt and seed.

Tests and benches compare what a reader saw with ``scripted_text``; nothing else knows the reply.
"""

import hashlib
from collections.abc import Sequence

from schemas.events import ChatMessage, Sampling

# Short and long words, a line break, a family emoji (several code points), accents: what breaks
# a client that counts bytes or UTF-16 units.
VOCABULARY = (
    " the", " river", " runs", " on", " and", " every", " token", " is", " kept", ",", ".",
    " however", " the", " light", " goes", " out", " café", " naïve", " 水", " 👨‍👩‍👧", " 🌊",
    " a", " pause", " then", " more", "\n", " nothing", " lost", " nothing", " twice", " so",
    " it", " flows",
)  # fmt: skip
_SHORTEST = 16
_SPREAD = 240


def script_key(messages: Sequence[ChatMessage], seed: int | None) -> bytes:
    """Return the key that decides every token of the reply."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(str(seed or 0).encode())
    for message in messages:
        digest.update(b"\0" + message.role.encode() + b"\0" + message.content.encode())
    return digest.digest()


def script_token(key: bytes, index: int) -> int:
    """Return the id of token ``index``: its place in ``VOCABULARY``."""
    digest = hashlib.blake2b(index.to_bytes(8), key=key, digest_size=4).digest()
    return int.from_bytes(digest) % len(VOCABULARY)


def script_length(key: bytes, max_tokens: int, *, ignore_end: bool) -> int:
    """Return how many tokens the reply has; ``ignore_end`` goes on up to ``max_tokens``."""
    natural = _SHORTEST + int.from_bytes(key[:4]) % _SPREAD
    return max_tokens if ignore_end else min(natural, max_tokens)


def scripted_text(messages: Sequence[ChatMessage], sampling: Sampling, max_tokens: int) -> str:
    """Return the whole reply to ``messages``, without regard to stop strings."""
    key = script_key(messages, sampling.seed)
    length = script_length(key, max_tokens, ignore_end=sampling.ignore_eos)
    return "".join(VOCABULARY[script_token(key, index)] for index in range(length))
