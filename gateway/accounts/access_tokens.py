"""Sign and read access tokens (JWT, RFC 7519): short-lived proof of who is asking.

Every gateway process derives the same keys from the instance's secret, one for each period of time,
which ``kid`` names; so keys rotate by themselves and nothing has to be stored or shared. Pure.
"""

import hashlib
import hmac
from typing import Any, NamedTuple

import jwt

from gateway.errors import InvalidToken

LIFETIME_S = 900
_PERIOD_S = 30 * 86_400
_ALGORITHM = "HS256"
_ISSUER = "rivulet"
_AUDIENCE = "rivulet-api"
_REQUIRED = ["sub", "sid", "iat", "exp", "iss", "aud"]


class AccessClaims(NamedTuple):
    """Whose token it is, and the session that it was made in."""

    user_id: str
    session_id: str


class AccessTokens:
    """Makes and checks the tokens of one instance."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def issue(self, claims: AccessClaims, now_s: float) -> str:
        """Return a token that is valid for ``LIFETIME_S``."""
        period = _period(now_s)
        payload = {
            "sub": claims.user_id,
            "sid": claims.session_id,
            "iat": int(now_s),
            "exp": int(now_s) + LIFETIME_S,
            "iss": _ISSUER,
            "aud": _AUDIENCE,
        }
        return jwt.encode(payload, self._key(period), _ALGORITHM, headers={"kid": str(period)})

    def read(self, token: str, now_s: float) -> AccessClaims:
        """Return what a valid token says; raises ``InvalidToken``."""
        try:
            key = self._key_named(jwt.get_unverified_header(token).get("kid"), now_s)
            payload: dict[str, Any] = jwt.decode(
                token,
                key,
                # Never what the token itself asks for: `none` would need no key at all.
                algorithms=[_ALGORITHM],
                issuer=_ISSUER,
                audience=_AUDIENCE,
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError as error:
            raise InvalidToken from error
        if not isinstance(payload["exp"], int) or payload["exp"] <= now_s:
            raise InvalidToken
        return AccessClaims(str(payload["sub"]), str(payload["sid"]))

    def _key_named(self, kid: object, now_s: float) -> bytes:
        """Return the key of the present period or the one before; no other can be in use."""
        present = _period(now_s)
        for period in (present, present - 1):
            if kid == str(period):
                return self._key(period)
        raise InvalidToken

    def _key(self, period: int) -> bytes:
        return hmac.digest(self._secret, f"access-token:{period}".encode(), hashlib.sha256)


def _period(now_s: float) -> int:
    return int(now_s) // _PERIOD_S
