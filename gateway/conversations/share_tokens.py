"""Make the tokens of public links, and read them.

A token is the share's ULID and an HMAC of it with the instance's secret, so that a link cannot be
guessed from an id in the log, and its owner can be shown it again. Taking a link back forgets the
share: a new link has a new token.
"""

import base64
import hashlib
import hmac

from schemas.ids import is_ulid

_ULID_LENGTH = 26
_TAG_LENGTH = 26


class ShareTokens:
    """Tokens of one instance."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def token(self, share_id: str) -> str:
        """Return the token of a share."""
        return share_id + self._tag(share_id)

    def share_id(self, token: str) -> str | None:
        """Return the share that a token was made for; ``None`` for one that is none."""
        share_id, tag = token[:_ULID_LENGTH], token[_ULID_LENGTH:]
        if not token.isascii() or not is_ulid(share_id):
            return None
        return share_id if hmac.compare_digest(self._tag(share_id), tag) else None

    def _tag(self, share_id: str) -> str:
        digest = hmac.digest(self._secret, b"share:" + share_id.encode(), hashlib.sha256)
        return base64.b32encode(digest).decode()[:_TAG_LENGTH]
