"""Make the ids of what is imported: the same import gives the same ids again. Pure."""

from hashlib import sha256

from schemas.ids import ulid_of

_RANDOM_BYTES = 10


class ImportIds:
    """The ids of one import; ``salt`` is its idempotency key, or random."""

    def __init__(self, user_id: str, salt: str) -> None:
        self._scope = (user_id, salt)

    def conversation(self, source_id: str, at_ms: int) -> str:
        """Return the id of a conversation that the file calls ``source_id``."""
        return self._ulid(at_ms, "conversation", source_id)

    def message(self, conversation_id: str, source_id: str, at_ms: int) -> str:
        """Return the id of a message; ``conversation_id`` is the one made here."""
        return self._ulid(at_ms, conversation_id, source_id)

    def _ulid(self, at_ms: int, *names: str) -> str:
        digest = sha256()
        for part in (*self._scope, *names):
            data = part.encode()
            digest.update(b"%d:%b" % (len(data), data))
        return ulid_of(at_ms, int.from_bytes(digest.digest()[:_RANDOM_BYTES]))
