"""Show accounts, keys and invitations: to their owners, and to admins. Pure."""

from gateway.accounts.ports import Account, Invitation, Session, StoredKey
from gateway.responses import ActiveSession, InvitationShown, KeyShown, Profile, UserShown


def profile_of(account: Account) -> Profile:
    """Return an account as its owner sees it."""
    return Profile(
        user_id=account.user_id,
        email=account.email,
        name=account.name,
        role=account.role,
        created_at_ms=account.created_at_ms,
        preferences=dict(account.preferences),
    )


def user_shown(account: Account) -> UserShown:
    """Return an account as admins see it."""
    return UserShown(
        user_id=account.user_id,
        email=account.email,
        name=account.name,
        role=account.role,
        disabled=account.disabled,
        created_at_ms=account.created_at_ms,
    )


def session_shown(session: Session, current: str | None) -> ActiveSession:
    """Return a session as its owner sees it."""
    return ActiveSession(
        session_id=session.session_id,
        device=session.device,
        created_at_ms=session.created_at_ms,
        refreshed_at_ms=session.refreshed_at_ms,
        current=session.session_id == current,
    )


def key_shown(key: StoredKey) -> KeyShown:
    """Return an API key as its owner sees it."""
    return KeyShown(
        key_id=key.key_id,
        name=key.name,
        scopes=list(key.scopes),
        created_at_ms=key.created_at_ms,
        used_at_ms=key.used_at_ms,
    )


def invitation_shown(invitation: Invitation) -> InvitationShown:
    """Return an invitation as admins see it."""
    return InvitationShown(
        invitation_id=invitation.invitation_id,
        role=invitation.role,
        note=invitation.note,
        created_at_ms=invitation.created_at_ms,
        expires_at_ms=invitation.expires_at_ms,
        used_by=invitation.used_by or None,
    )
