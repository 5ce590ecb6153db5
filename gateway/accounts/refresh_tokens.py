"""Make and take apart refresh tokens. Pure.

A token names its session and is signed: what was never issued is told from what was used before,
so that nobody can end a session by guessing. Only its hash is stored.
"""

import hashlib
import hmac
import re
import secrets
from typing import NamedTuple

from gateway.errors import InvalidRefreshToken

_BYTES = 24
_MAC_LENGTH = 32
_FORM = re.compile(
    r"(?P<signed>rvr_(?P<session>[0-9A-Z]{26})_[A-Za-z0-9_-]{32})\.(?P<mac>[0-9a-f]{32})", re.ASCII
)


class RefreshToken(NamedTuple):
    """A session's token; ``digest`` is what is stored of it."""

    session_id: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal: the token is long and random, so one round is enough."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class RefreshTokens:
    """Makes and reads the tokens of one instance."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def new(self, session_id: str) -> RefreshToken:
        """Return a fresh token of a session."""
        signed = f"rvr_{session_id}_{secrets.token_urlsafe(_BYTES)}"
        return RefreshToken(session_id, f"{signed}.{self._mac(signed)}")

    def parse(self, text: str) -> RefreshToken:
        """Return the token in ``text``; raises ``InvalidRefreshToken`` if it was not made here."""
        match = _FORM.fullmatch(text)
        if match is None or not hmac.compare_digest(match["mac"], self._mac(match["signed"])):
            raise InvalidRefreshToken
        return RefreshToken(match["session"], text)

    def _mac(self, signed: str) -> str:
        message = f"refresh-token:{signed}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()[:_MAC_LENGTH]
