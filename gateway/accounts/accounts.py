"""Register people, sign them in and keep them signed in, over stores that are passed in."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal, NamedTuple

import orjson
import structlog

from gateway.accounts.access_tokens import LIFETIME_S, AccessClaims, AccessTokens
from gateway.accounts.passwords import Passwords
from gateway.accounts.ports import (
    Account,
    AccountStore,
    Applicant,
    CodeSpent,
    Counted,
    Ended,
    InvitationStore,
    LoginLimits,
    NewAccount,
    SessionStore,
    Visitor,
)
from gateway.accounts.refresh_tokens import RefreshToken, RefreshTokens
from gateway.errors import (
    BadRequest,
    InvalidRefreshToken,
    NotFound,
    PasswordsBusy,
    RegistrationClosed,
    StoreUnavailable,
    Unavailable,
    WrongCredentials,
)
from schemas.documents import UserRole
from schemas.ids import new_ulid, new_user_id

Registration = Literal["open", "invite", "closed"]

_MAX_PREFERENCES = 16_384
_NO_ADMIN: UserRole = "user"
# After twice that others take over the code and the address of an account that was not made.
_REGISTRATION_S = 30.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(_REGISTRATION_S):
            yield
    except TimeoutError as error:
        raise Unavailable from error


class SignedIn(NamedTuple):
    """Who signed in, and the two tokens of the session."""

    account: Account
    access_token: str
    refresh_token: str

    @property
    def expires_in_s(self) -> int:
        """For how long the access token is good."""
        return LIFETIME_S


class Accounts:
    """The accounts of one instance; methods raise ``GatewayError``."""

    def __init__(
        self,
        accounts: AccountStore,
        sessions: SessionStore,
        invitations: InvitationStore,
        limits: LoginLimits,
        passwords: Passwords,
        tokens: AccessTokens,
        refresh_tokens: RefreshTokens,
        ended: Ended,
        code_spent: CodeSpent,
        *,
        registration: Registration,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._invitations = invitations
        self._limits = limits
        self._passwords = passwords
        self._tokens = tokens
        self._refresh_tokens = refresh_tokens
        self._ended = ended
        self._code_spent = code_spent
        self._registration = registration

    async def register(self, applicant: Applicant, visitor: Visitor) -> SignedIn:
        """Make an account and sign in to it.

        Without a code only where registration is open; where it is closed, none is good but the
        first admin's.
        """
        if applicant.code is None and self._registration != "open":
            raise RegistrationClosed
        await self._limits.count_registration(visitor.address)
        async with _in_time():
            account = await self._make_account(applicant)
        log.info("account_made", user_id=account.user_id, role=account.role)
        return await self._sign_in(account, visitor.device)

    async def login(self, email: str, password: str, visitor: Visitor) -> SignedIn:
        """Sign in with a password; a disabled account is as good as none."""
        counted = await self._limits.count_login(email, visitor.address)
        account = await self._accounts.by_email(email)
        stored = None if account is None or account.disabled else account.password_hash
        if not await self._matches(password, stored, counted) or account is None:
            log.info("login_refused", address=visitor.address)
            raise WrongCredentials
        await self._limits.take_back(counted)
        if stored is not None and self._passwords.is_outdated(stored):
            fresh = await self._passwords.hash(password)
            # Unless it was changed meanwhile.
            await self._accounts.replace_password(account.user_id, stored, password_hash=fresh)
        return await self._sign_in(account, visitor.device)

    async def refresh(self, text: str) -> SignedIn:
        """Replace a refresh token and return new ones; a reused one ends its session."""
        user_id, epochs, token = await self._sessions.refresh(self._refresh_tokens.parse(text))
        if token is None:
            log.warning("refresh_token_reused_or_expired", user_id=user_id)
            await self._ended(user_id)
            raise InvalidRefreshToken
        account = await self._accounts.by_id(user_id)
        if account is None or account.disabled or account.sessions_epoch not in epochs:
            await self._sessions.end(user_id, token.session_id)
            raise InvalidRefreshToken
        return self._signed_in(account, token)

    async def logout(self, user_id: str, session_id: str) -> None:
        """End one session; its access token is refused from now on."""
        await self._sessions.end(user_id, session_id)
        await self._ended(user_id)

    async def logout_by_refresh(self, text: str) -> None:
        """End the session of a refresh token; one that has ended already is no error."""
        session = await self._sessions.find(self._refresh_tokens.parse(text).session_id)
        if session is not None:
            await self.logout(session.user_id, session.session_id)

    async def logout_everywhere(self, user_id: str) -> None:
        """End all sessions of a user."""
        await self._sessions.end_all(user_id)
        await self._ended(user_id)

    async def change_password(
        self, user_id: str, session_id: str, old: str, new: str, visitor: Visitor
    ) -> None:
        """Set a new password and end all other sessions."""
        account = await self.check_password(user_id, old, visitor, param="old_password")
        await self._replace_password(account, session_id, await self._passwords.hash(new))
        await self._sessions.end_all(user_id, but=session_id)
        await self._ended(user_id)

    async def _replace_password(self, account: Account, session_id: str, new_hash: str) -> None:
        """Begin a new epoch with the new password; of all sessions this one alone goes on."""
        epoch = new_ulid()
        # First, so that it is good at every moment; if the rest fails, nobody else has this epoch.
        await self._sessions.outlast(session_id, (account.sessions_epoch, epoch))
        replaced = await self._accounts.replace_password(
            account.user_id, account.password_hash, password_hash=new_hash, sessions_epoch=epoch
        )
        if not replaced:
            raise WrongCredentials("The password has just been changed.", param="old_password")

    async def check_password(
        self, user_id: str, password: str, visitor: Visitor, *, param: str
    ) -> Account:
        """Return the account if it is its password.

        Raises ``WrongCredentials`` or ``TooManyLogins``.
        """
        account = await self.profile(user_id)
        counted = await self._limits.count_login(account.email, visitor.address)
        if not await self._matches(password, account.password_hash, counted):
            raise WrongCredentials("This is not your password; check it.", param=param)
        await self._limits.take_back(counted)
        return account

    async def profile(self, user_id: str) -> Account:
        """Return an account; raises ``NotFound`` for a user without one, such as ``dev``."""
        account = await self._accounts.by_id(user_id)
        if account is None:
            raise NotFound("This user has no account; the key is of the user dev or of nobody.")
        return account

    async def name_of(self, user_id: str) -> str:
        """Return the name of a user, also of ``dev``; empty where there is no such user."""
        return await self._accounts.name_of(user_id)

    async def change_profile(
        self, user_id: str, *, name: str | None, preferences: Mapping[str, Any]
    ) -> Account:
        """Set the name and some preferences (``None`` takes one away); return the account."""
        account = await self.profile(user_id)
        kept = {**account.preferences, **preferences}
        kept = {key: value for key, value in kept.items() if value is not None}
        text = _as_json(kept)
        if len(text) > _MAX_PREFERENCES:
            raise BadRequest(
                f"All preferences together must not exceed {_MAX_PREFERENCES} characters of JSON.",
                param="preferences",
            )
        await self._accounts.update(user_id, name=name or account.name, preferences=text)
        return await self.profile(user_id)

    async def _matches(self, password: str, stored: str | None, counted: Counted) -> bool:
        try:
            return await self._passwords.matches(password, stored)
        except PasswordsBusy:
            # Nobody has looked at it.
            await self._limits.take_back(counted)
            raise

    async def _make_account(self, applicant: Applicant) -> Account:
        user_id, code = new_user_id(), applicant.code
        if code is None:
            return await self._create(applicant, user_id, _NO_ADMIN)
        # Before the password costs anything.
        role = await self._invitations.use(
            code, user_id, first_admin_only=self._registration == "closed"
        )
        try:
            account = await self._create(applicant, user_id, role)
        except BaseException:
            await self._give_back(code, user_id)
            raise
        await self._invitations.settle(code, user_id)
        await self._code_spent(code)
        return account

    async def _create(self, applicant: Applicant, user_id: str, role: UserRole) -> Account:
        password_hash = await self._passwords.hash(applicant.password)
        return await self._accounts.create(
            NewAccount(user_id, applicant.email, applicant.name, password_hash, role)
        )

    async def _give_back(self, code: str, user_id: str) -> None:
        """Give back the code of an account that was not made, as far as the store says."""
        try:
            if await self._accounts.by_id(user_id) is None:
                await self._invitations.give_back(code, user_id)
        except StoreUnavailable:
            # It counts as free by itself after a while.
            log.warning("code_not_given_back", user_id=user_id)

    async def _sign_in(self, account: Account, device: str) -> SignedIn:
        return self._signed_in(
            account, await self._sessions.begin(account.user_id, device, account.sessions_epoch)
        )

    def _signed_in(self, account: Account, token: RefreshToken) -> SignedIn:
        claims = AccessClaims(account.user_id, token.session_id)
        return SignedIn(account, self._tokens.issue(claims, time.time()), token.text)


def _as_json(preferences: Mapping[str, Any]) -> str:
    try:
        return orjson.dumps(preferences).decode()
    except TypeError as error:
        raise BadRequest(
            "The preferences are nested too deeply; keep them flatter.", param="preferences"
        ) from error
