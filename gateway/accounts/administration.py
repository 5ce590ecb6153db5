"""What admins do with accounts: list them, disable them, give roles, and invite people."""

from collections.abc import Sequence
from typing import Any

import structlog

from gateway.accounts.ports import (
    Account,
    AccountStore,
    Ended,
    Invitation,
    InvitationStore,
    SessionStore,
)
from gateway.errors import BadRequest, LastAdmin, NotFound
from schemas.documents import UserRole
from schemas.ids import new_ulid

log = structlog.get_logger(__name__)


class Administration:
    """Methods raise ``GatewayError``; the caller has checked that an admin asks."""

    def __init__(
        self,
        accounts: AccountStore,
        sessions: SessionStore,
        invitations: InvitationStore,
        ended: Ended,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._invitations = invitations
        self._ended = ended

    async def users(self, after_rank: int, limit: int) -> Sequence[Account]:
        """Return the accounts after a rank, oldest first."""
        return await self._accounts.page(after_rank, limit)

    async def user(self, user_id: str) -> Account:
        """Return an account; raises ``NotFound``."""
        account = await self._accounts.by_id(user_id)
        if account is None:
            raise NotFound("There is no such account; check its id.")
        return account

    async def change_user(
        self, admin_id: str, user_id: str, *, disabled: bool | None, role: UserRole | None
    ) -> Account:
        """Disable, enable or promote somebody else; a disabled user is signed out everywhere."""
        if user_id == admin_id:
            raise BadRequest("Another admin must do this to your account.", param="user_id")
        account = await self.user(user_id)
        wanted: dict[str, Any] = {"disabled": disabled, "role": role}
        fields = {name: value for name, value in wanted.items() if value is not None}
        if disabled:
            # Also for who is signing in at this moment.
            fields["sessions_epoch"] = new_ulid()
        if fields:
            await self._update(account, fields)
            account = account._replace(**fields)
        if account.disabled:
            await self._sessions.end_all(user_id)
        await self._ended(user_id)
        log.info("account_changed", user_id=user_id, by=admin_id, fields=sorted(fields))
        return account

    async def _update(self, account: Account, fields: dict[str, Any]) -> None:
        """Set fields, and take that back if it has left no admin: two may do it to each other."""
        await self._accounts.update(account.user_id, **fields)
        if await self._accounts.has_admin():
            return
        before = {name: getattr(account, name) for name in fields}
        await self._accounts.update(account.user_id, **before)
        raise LastAdmin

    async def invite(self, admin_id: str, role: UserRole, note: str) -> tuple[Invitation, str]:
        """Return a new invitation and its code."""
        return await self._invitations.invite(admin_id, role, note)

    async def invitations(self) -> Sequence[Invitation]:
        """Return every invitation, the latest first."""
        return await self._invitations.all()

    async def withdraw(self, invitation_id: str) -> None:
        """Take an invitation back; raises ``NotFound``."""
        if not await self._invitations.withdraw(invitation_id):
            raise NotFound("There is no such invitation, or somebody has used it.")
