"""Keep sessions in the store: each is one sign-in, and the family of its refresh tokens.

A refresh token is good once. Its hash is replaced by compare-and-set, so that of two requests with
the same token one gets the next; the other is a reuse, and then nobody knows who the thief is: the
session ends (RFC 9700, 4.14.2).
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.accounts.ports import IDLE_S, Refreshed, Session
from gateway.accounts.refresh_tokens import RefreshToken, RefreshTokens
from gateway.errors import InvalidRefreshToken
from gateway.store_client import Store, store_errors
from schemas.documents import ACCOUNTS_DATABASE, SESSIONS, SessionDocument
from schemas.ids import new_ulid

_MAX_SESSIONS = 1_000


class MongoSessionStore:
    """Sessions in MongoDB; every method raises ``StoreUnavailable``."""

    def __init__(self, store: Store, tokens: RefreshTokens) -> None:
        self._tokens = tokens
        self._sessions = store[ACCOUNTS_DATABASE][SESSIONS]

    async def prepare(self) -> None:
        """Make the indexes that the queries need."""
        async with store_errors():
            await self._sessions.create_index([("user_id", 1)])
            await self._sessions.create_index([("expires_at_ms", 1)])

    async def begin(self, user_id: str, device: str, epoch: str) -> RefreshToken:
        """Begin a session; return its first refresh token."""
        now_ms = _now_ms()
        token = self._tokens.new(new_ulid(now_ms))
        row = SessionDocument(
            _id=token.session_id,
            user_id=user_id,
            token_hash=token.digest,
            rotations=0,
            created_at_ms=now_ms,
            refreshed_at_ms=now_ms,
            expires_at_ms=now_ms + round(IDLE_S * 1000),
            device=device,
            epochs=[epoch],
        )
        async with store_errors():
            await self._sessions.insert_one({**row})
        return token

    async def refresh(self, token: RefreshToken) -> Refreshed:
        """Replace a refresh token by the next one; a second use of it ends the session.

        Raises ``InvalidRefreshToken`` when there is no such session.
        """
        now_ms = _now_ms()
        following = self._tokens.new(token.session_id)
        good = {
            "_id": token.session_id,
            "token_hash": token.digest,
            "expires_at_ms": {"$gt": now_ms},
        }
        change = {
            "$set": {
                "token_hash": following.digest,
                "refreshed_at_ms": now_ms,
                "expires_at_ms": now_ms + round(IDLE_S * 1000),
            },
            "$inc": {"rotations": 1},
        }
        async with store_errors():
            row = await self._sessions.find_one({"_id": token.session_id})
            if row is None:
                raise InvalidRefreshToken
            session = _session(row)
            done = await self._sessions.update_one(good, change)
            if done.matched_count == 1:
                return Refreshed(session.user_id, session.epochs, following)
            await self._sessions.delete_one({"_id": token.session_id})
        return Refreshed(session.user_id, session.epochs, None)

    async def outlast(self, session_id: str, epochs: Sequence[str]) -> None:
        """Let a session be good in these epochs."""
        async with store_errors():
            await self._sessions.update_one({"_id": session_id}, {"$set": {"epochs": [*epochs]}})

    async def find(self, session_id: str) -> Session | None:
        """Return a session that has not ended."""
        async with store_errors():
            row = await self._sessions.find_one({"_id": session_id})
        if row is None or row["expires_at_ms"] <= _now_ms():
            return None
        return _session(row)

    async def of_user(self, user_id: str) -> list[Session]:
        """Return a user's sessions, the latest first."""
        async with store_errors():
            found = self._sessions.find({"user_id": user_id}).limit(_MAX_SESSIONS)
            rows = await found.to_list()
        own = [_session(row) for row in rows if row["user_id"] == user_id]
        return sorted(own, key=lambda session: session.refreshed_at_ms, reverse=True)

    async def end(self, user_id: str, session_id: str) -> bool:
        """End one of a user's sessions; false when it is not one."""
        async with store_errors():
            done = await self._sessions.delete_one({"_id": session_id, "user_id": user_id})
        return done.deleted_count == 1

    async def end_all(self, user_id: str, *, but: str | None = None) -> None:
        """End every session of a user, or all others."""
        own: dict[str, Any] = {"user_id": user_id}
        if but is not None:
            own["_id"] = {"$ne": but}
        async with store_errors():
            await self._sessions.delete_many(own)

    async def forget_expired(self) -> int:
        """Delete what nobody can refresh any more; return how many."""
        async with store_errors():
            done = await self._sessions.delete_many({"expires_at_ms": {"$lte": _now_ms()}})
        return done.deleted_count


def _session(row: Mapping[str, Any]) -> Session:
    return Session(
        str(row["_id"]),
        str(row["user_id"]),
        str(row["device"]),
        int(str(row["created_at_ms"])),
        int(str(row["refreshed_at_ms"])),
        tuple(map(str, row.get("epochs", ("",)))),
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
