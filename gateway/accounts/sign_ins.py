"""Tell whether a session is still good, and whether its user is an admin."""

from gateway.accounts.ports import AccountStore, SessionStore


class SignIns:
    """Looks at the session and then at its account."""

    def __init__(self, accounts: AccountStore, sessions: SessionStore) -> None:
        self._accounts = accounts
        self._sessions = sessions

    async def is_admin(self, session_id: str, user_id: str) -> bool | None:
        """Return ``None`` if the session has ended or its account is disabled."""
        session = await self._sessions.find(session_id)
        if session is None or session.user_id != user_id:
            return None
        account = await self._accounts.by_id(user_id)
        if account is None or account.disabled or account.sessions_epoch not in session.epochs:
            return None
        return account.role == "admin"
