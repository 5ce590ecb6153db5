"""Keep what gives the right to register: invitations, and the code of the first admin.

A code is used by compare-and-set, so that of two people with one code one gets in. Who then cannot
register after all, because the address is taken, gives it back. Whoever could not even do that,
since the process died, has no account: then the code counts as free after a while.
"""

import hashlib
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pymongo.errors import DuplicateKeyError

from gateway.accounts.ports import Invitation
from gateway.errors import InvalidCode
from gateway.store_client import Store, store_errors
from schemas.documents import (
    ACCOUNTS_DATABASE,
    INVITATIONS,
    USERS,
    InvitationDocument,
    UserRole,
)

FIRST_ADMIN = "first-admin"
_PREFIX = "rvi_"
_BYTES = 24
_FIRST_PREFIX = "rva_"
_FIRST_BYTES = 18
_LIFETIME_MS = 7 * 86_400_000
# For ever, as far as anybody is concerned.
_CENTURY_MS = 100 * 365 * 86_400_000
_MAX_LISTED = 1_000
# Twice as long as making an account may take.
_ABANDONED_MS = 60_000


class MongoInvitationStore:
    """Invitations in MongoDB; every method raises ``StoreUnavailable``."""

    def __init__(self, store: Store) -> None:
        database = store[ACCOUNTS_DATABASE]
        self._invitations, self._users = database[INVITATIONS], database[USERS]

    async def invite(self, created_by: str, role: UserRole, note: str) -> tuple[Invitation, str]:
        """Make an invitation; return it with its code, which is kept nowhere."""
        code = _PREFIX + secrets.token_urlsafe(_BYTES)
        row = _row(code, created_by, role, note, _LIFETIME_MS)
        async with store_errors():
            await self._invitations.insert_one({**row})
        return _invitation(row), code

    async def offer_first_admin(self, kept: str) -> str | None:
        """Return the code that makes an admin; ``None`` when one was made and there still is one.

        It is ``kept``, the code that was offered last, until somebody has registered with it.
        """
        async with store_errors():
            same = {"created_by": FIRST_ADMIN}
            offered = await self._invitations.find(same).limit(_MAX_LISTED).to_list()
            spent = {other["_id"] for other in offered if await self._is_spent(other)}
            admin = {"role": "admin", "disabled": False}
            if spent and await self._users.find_one(admin) is not None:
                return None
            is_good = kept and _digest(kept) not in spent
            code = kept if is_good else _FIRST_PREFIX + secrets.token_urlsafe(_FIRST_BYTES)
            row = _row(code, FIRST_ADMIN, "admin", "the first admin", _CENTURY_MS)
            # One code at a time: whoever lost the file with the last one starts again. Those that
            # are spent stay, so that they are known to be.
            for other in offered:
                if other["_id"] not in spent and (other["_id"] != row["_id"] or other["used_by"]):
                    same_use = {"_id": other["_id"], "used_by": other["used_by"]}
                    await self._invitations.delete_one(same_use)
            with suppress(DuplicateKeyError):
                await self._invitations.insert_one({**row})
        return code

    async def use(self, code: str, user_id: str, *, first_admin_only: bool) -> UserRole:
        """Use a code for a new account; return its role. Raises ``InvalidCode``."""
        async with store_errors():
            row = await self._invitations.find_one({"_id": _digest(code)})
            if row is None or not await self._is_good(row, first_admin_only=first_admin_only):
                raise InvalidCode(param="code")
            as_seen = {"_id": row["_id"], "used_by": row["used_by"]}
            use = {"used_by": user_id, "used_at_ms": _now_ms()}
            done = await self._invitations.update_one(as_seen, {"$set": use})
        if done.matched_count != 1:
            raise InvalidCode(param="code")
        role: UserRole = "admin" if row["role"] == "admin" else "user"
        return role

    async def give_back(self, code: str, user_id: str) -> None:
        """Let somebody else use a code: the account was not made."""
        used = {"_id": _digest(code), "used_by": user_id}
        async with store_errors():
            await self._invitations.update_one(used, {"$set": {"used_by": ""}})

    async def settle(self, code: str, user_id: str) -> None:
        """Note that the account was made; nobody uses the code again, also when it is erased."""
        used = {"_id": _digest(code), "used_by": user_id}
        async with store_errors():
            await self._invitations.update_one(used, {"$set": {"settled": True}})

    async def all(self) -> list[Invitation]:
        """Return the invitations that admins made, the latest first."""
        async with store_errors():
            rows = await self._invitations.find({}).limit(_MAX_LISTED).to_list()
        made = [_invitation(row) for row in rows if row["created_by"] != FIRST_ADMIN]
        return sorted(made, key=lambda invitation: invitation.created_at_ms, reverse=True)

    async def withdraw(self, invitation_id: str) -> bool:
        """Take back an invitation that nobody has used; false when there is none."""
        async with store_errors():
            done = await self._invitations.delete_one({"_id": invitation_id, "used_by": ""})
        return done.deleted_count == 1

    async def _is_good(self, row: Mapping[str, Any], *, first_admin_only: bool) -> bool:
        now_ms = _now_ms()
        if row["expires_at_ms"] <= now_ms:
            return False
        if first_admin_only and row["created_by"] != FIRST_ADMIN:
            return False
        # Whoever has just taken it may still be making the account.
        if row["used_by"] and row.get("used_at_ms", 0) > now_ms - _ABANDONED_MS:
            return False
        return not await self._is_spent(row)

    async def _is_spent(self, row: Mapping[str, Any]) -> bool:
        """Tell whether an account was made with it."""
        if not row["used_by"] or row.get("settled"):
            return bool(row["used_by"])
        return await self._users.find_one({"_id": row["used_by"]}) is not None


def _row(
    code: str, created_by: str, role: UserRole, note: str, lifetime_ms: int
) -> InvitationDocument:
    now_ms = _now_ms()
    return InvitationDocument(
        _id=_digest(code),
        role=role,
        note=note,
        created_by=created_by,
        created_at_ms=now_ms,
        expires_at_ms=now_ms + lifetime_ms,
        used_by="",
    )


def _invitation(row: Mapping[str, Any] | InvitationDocument) -> Invitation:
    return Invitation(
        row["_id"],
        row["role"],
        row["note"],
        row["created_by"],
        int(row["created_at_ms"]),
        int(row["expires_at_ms"]),
        row["used_by"],
    )


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
