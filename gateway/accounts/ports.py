"""What accounts are made of, and what they need of the store: their shapes and ports."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from gateway.accounts.refresh_tokens import RefreshToken
from schemas.documents import UserRole

# Without a refresh for so long a session is over.
IDLE_S: Final = 30 * 86_400.0


class Account(NamedTuple):
    """One account; ``password_hash`` is ``None`` where nobody can sign in with a password.

    Sessions of another ``sessions_epoch`` are not good: they began with an older password.
    """

    user_id: str
    name: str
    email: str
    role: UserRole
    disabled: bool
    created_at_ms: int
    rank: int
    password_hash: str | None
    sessions_epoch: str
    preferences: Mapping[str, Any]


class NewAccount(NamedTuple):
    """What an account is made of."""

    user_id: str
    email: str
    name: str
    password_hash: str
    role: UserRole


class Session(NamedTuple):
    """A sign-in that is good at this moment."""

    session_id: str
    user_id: str
    device: str
    created_at_ms: int
    refreshed_at_ms: int
    epochs: tuple[str, ...]


class Refreshed(NamedTuple):
    """A session and its next refresh token; none after a reuse, which has ended the session."""

    user_id: str
    epochs: tuple[str, ...]
    token: RefreshToken | None


class Invitation(NamedTuple):
    """An invitation as an admin sees it; the code itself was shown once."""

    invitation_id: str
    role: UserRole
    note: str
    created_by: str
    created_at_ms: int
    expires_at_ms: int
    used_by: str


class StoredKey(NamedTuple):
    """An API key as its owner sees it; ``used_at_ms`` is 0 until it was used."""

    key_id: str
    name: str
    scopes: tuple[str, ...]
    created_at_ms: int
    used_at_ms: int


class Applicant(NamedTuple):
    """Who wants an account; ``email`` is in its normal form."""

    email: str
    password: str
    name: str
    code: str | None


class Visitor(NamedTuple):
    """Where a request comes from, and what its client calls itself."""

    address: str
    device: str


class Counted(NamedTuple):
    """A try that was counted, and where."""

    keys: tuple[str, ...]


class Ended(Protocol):
    """Whom to tell when sessions, keys or rights of a user have ended: nothing stays open."""

    async def __call__(self, user_id: str) -> None:
        """Let them be good nowhere any more; never fails."""


class CodeSpent(Protocol):
    """Whom to tell that an account was made with a code."""

    async def __call__(self, code: str) -> None:
        """Offer it to nobody any more; never fails."""


class AccountStore(Protocol):
    """Keeps accounts; every method raises ``StoreUnavailable``."""

    async def create(self, new: NewAccount) -> Account:
        """Make an account; raises ``EmailTaken``."""

    async def by_email(self, email: str) -> Account | None:
        """Return the account of a normal address."""

    async def by_id(self, user_id: str) -> Account | None:
        """Return an account; the user ``dev`` is none."""

    async def name_of(self, user_id: str) -> str:
        """Return the name of a user, also of ``dev``; empty where there is no such user."""

    async def page(self, after_rank: int, limit: int) -> list[Account]:
        """Return the accounts after a rank, oldest first."""

    async def update(self, user_id: str, **fields: Any) -> bool:
        """Set fields of an account; false when there is none."""

    async def replace_password(self, user_id: str, old_hash: str | None, **fields: Any) -> bool:
        """Set fields, the new hash among them; false unless the old hash is still in place."""

    async def has_admin(self) -> bool:
        """Tell whether anybody is an admin and not disabled."""


class SessionStore(Protocol):
    """Keeps sessions; every method raises ``StoreUnavailable``."""

    async def begin(self, user_id: str, device: str, epoch: str) -> RefreshToken:
        """Begin a session; return its first refresh token."""

    async def refresh(self, token: RefreshToken) -> Refreshed:
        """Replace a refresh token by the next one; a second use of it ends the session.

        Raises ``InvalidRefreshToken`` when there is no such session.
        """

    async def outlast(self, session_id: str, epochs: Sequence[str]) -> None:
        """Let a session be good in these epochs."""

    async def find(self, session_id: str) -> Session | None:
        """Return a session that has not ended."""

    async def of_user(self, user_id: str) -> list[Session]:
        """Return a user's sessions, the latest first."""

    async def end(self, user_id: str, session_id: str) -> bool:
        """End one of a user's sessions; false when it is not one."""

    async def end_all(self, user_id: str, *, but: str | None = None) -> None:
        """End every session of a user, or all others."""


class InvitationStore(Protocol):
    """Keeps invitations; every method raises ``StoreUnavailable``."""

    async def invite(self, created_by: str, role: UserRole, note: str) -> tuple[Invitation, str]:
        """Make an invitation; return it with its code."""

    async def use(self, code: str, user_id: str, *, first_admin_only: bool) -> UserRole:
        """Use a code for a new account; return its role. Raises ``InvalidCode``."""

    async def give_back(self, code: str, user_id: str) -> None:
        """Let somebody else use a code: the account was not made."""

    async def settle(self, code: str, user_id: str) -> None:
        """Note that the account was made; nobody uses the code again, also when it is erased."""

    async def all(self) -> list[Invitation]:
        """Return the invitations that admins made, the latest first."""

    async def withdraw(self, invitation_id: str) -> bool:
        """Take back an invitation that nobody has used; false when there is none."""


class LoginLimits(Protocol):
    """Counts tries; every method raises ``StoreUnavailable``."""

    async def count_login(self, email: str, address: str) -> Counted:
        """Count a try; raises ``TooManyLogins``, and then the password must not be looked at."""

    async def count_registration(self, address: str) -> None:
        """Count somebody who wants an account; raises ``TooManyRegistrations``."""

    async def take_back(self, counted: Counted) -> None:
        """Count less: the password was right, or nobody has looked at it."""


class KeyStore(Protocol):
    """Keeps API keys; every method raises ``StoreUnavailable``."""

    async def add(self, key_hash: str, user_id: str, name: str, scopes: Sequence[str]) -> StoredKey:
        """Keep a key."""

    async def of_user(self, user_id: str) -> list[StoredKey]:
        """Return a user's keys, the newest first."""

    async def remove(self, user_id: str, key_id: str) -> bool:
        """Delete one of a user's keys; false when it is not one."""
