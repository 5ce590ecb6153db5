"""Find what a new message goes on from: the branch before it, and its conversation's settings.

The history is read once it has what its user did. What it lacks all the same, because it is behind
or because the conversation is temporary and never stored, is read from the logs and not guessed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from gateway.conversations.branches import chosen_parent
from gateway.conversations.ports import ConversationReader
from gateway.errors import BadRequest, NotFound, ParentNotReady
from gateway.history import (
    Branch,
    HistoryReader,
    StoredMessage,
    branch_up_to,
)
from gateway.logged_state import LoggedState
from gateway.logged_turns import LoggedTurn, LoggedTurns
from schemas.events import ChatMessage
from schemas.ids import is_ulid

Setting = TypeVar("Setting")


class Position(Protocol):
    """Lets a reader of the history wait for it."""

    @property
    def applied(self) -> int:
        """The history has every event up to this sequence."""

    async def wait_for(self, user_id: str) -> bool:
        """Return once the history has all that the user did, or false after a while."""


class Context(NamedTuple):
    """What a new message goes on from; the branch begins with the system prompt, if there is one.

    ``sampling`` has ``Sampling``'s names; ``model`` is ``""`` where none was named yet.
    """

    branch: Branch
    model: str = ""
    sampling: Mapping[str, Any] = {}


class PromptContexts:
    """Finds contexts; every method raises ``Unavailable`` while what it needs is away."""

    def __init__(
        self,
        history: HistoryReader,
        conversations: ConversationReader,
        position: Position,
        logged: LoggedTurns,
    ) -> None:
        self._history = history
        self._conversations = conversations
        self._position = position
        self._logged = logged

    async def context(self, user_id: str, conversation_id: str, parent_id: str | None) -> Context:
        """Return what goes before an answer to ``parent_id`` (``None``: to the chosen branch).

        Raises ``NotFound``, ``ParentNotReady`` or ``BadRequest``.
        """
        _refuse_other_forms(conversation_id, parent_id)
        up_to_date = await self._position.wait_for(user_id)
        stored = await self._conversations.one(user_id, conversation_id)
        if stored is None:
            return await self._not_stored(user_id, conversation_id, parent_id)
        messages = await self._history.conversation(user_id, conversation_id)
        newer = (
            LoggedState()
            if up_to_date
            else await self._logged.state(user_id, conversation_id, self._position.applied)
        )
        known = {message.message_id for message in messages}
        messages += [one for one in newer.messages if one.message_id not in known]
        if parent_id is None:
            parent_id = chosen_parent(messages, newer.leaf_id or stored.leaf_id)
        branch = await self._branch(user_id, conversation_id, messages, parent_id)
        return Context(
            under_system(_first(newer.system, stored.system), branch),
            _first(newer.model, stored.model),
            _first(newer.sampling, stored.sampling),
        )

    async def temporary_context(
        self, user_id: str, conversation_id: str, parent_id: str | None
    ) -> Context:
        """Return what goes before an answer in a temporary conversation, which only the log has.

        Raises ``NotFound``, ``ParentNotReady`` or ``BadRequest``.
        """
        _refuse_other_forms(conversation_id, parent_id)
        if not parent_id:
            raise BadRequest(
                "A temporary conversation goes on from a reply; name it in `parent_id`.",
                param="parent_id",
            )
        turn = await self._turn(user_id, conversation_id, parent_id)
        if turn is None:
            if await self._conversations.one(user_id, conversation_id) is not None:
                raise _in_a_stored_one()
            raise NotFound(
                "This temporary conversation has expired or does not exist; begin a new one.",
                param="parent_id",
            )
        if not turn.prompt.temporary:
            raise _in_a_stored_one()
        return Context(turn.branch, turn.prompt.model)

    async def _not_stored(
        self, user_id: str, conversation_id: str, parent_id: str | None
    ) -> Context:
        """Return the context of a conversation that the history does not have yet."""
        beginning = await self._logged.beginning(user_id, conversation_id)
        if beginning is None:
            raise NotFound(
                "This conversation does not exist; check its id.", param="conversation_id"
            )
        _refuse_temporary(temporary=beginning.temporary)
        state = await self._logged.state(user_id, conversation_id, beginning.sequence - 1)
        if parent_id is None:
            parent_id = chosen_parent(state.messages, state.leaf_id or "")
        branch = await self._branch(user_id, conversation_id, state.messages, parent_id)
        branch = under_system(state.system or "", branch)
        return Context(branch, state.model or "", state.sampling or {})

    async def _branch(
        self,
        user_id: str,
        conversation_id: str,
        messages: Sequence[StoredMessage],
        parent_id: str,
    ) -> Branch:
        """Return the stored branch, or the logged one where the history lacks a part of it."""
        stored: Branch | None
        try:
            stored = branch_up_to(messages, parent_id)
        except (NotFound, ParentNotReady):
            stored = None
        if stored is not None and stored.whole:
            return stored
        turn = await self._turn(user_id, conversation_id, parent_id)
        if turn is not None:
            _refuse_temporary(temporary=turn.prompt.temporary)
            return turn.branch
        if stored is None:
            raise NotFound("This conversation has no such reply; check the id.", param="parent_id")
        return stored

    async def _turn(self, user_id: str, conversation_id: str, parent_id: str) -> LoggedTurn | None:
        turn = await self._logged.turn(user_id, parent_id)
        if turn is None or turn.prompt.conversation_id != conversation_id:
            return None
        return turn


def _first(newer: Setting | None, stored: Setting) -> Setting:
    return stored if newer is None else newer


def under_system(system: str, branch: Branch) -> Branch:
    """Return the branch below a system prompt; an earlier one gives way."""
    said = tuple(message for message in branch.messages if message.role != "system")
    above = (ChatMessage("system", system),) if system else ()
    return branch._replace(messages=(*above, *said))


def _refuse_other_forms(conversation_id: str, parent_id: str | None) -> None:
    if not is_ulid(conversation_id):
        raise NotFound("There is no such `conversation_id`; check it.", param="conversation_id")
    if parent_id and not is_ulid(parent_id):
        raise NotFound("There is no such `parent_id`; check it.", param="parent_id")


def _refuse_temporary(*, temporary: bool) -> None:
    if temporary:
        raise BadRequest(
            "This conversation is temporary; go on in it with `temporary`: true.",
            param="temporary",
        )


def _in_a_stored_one() -> BadRequest:
    return BadRequest(
        "This conversation is kept; go on in it without `temporary`.", param="temporary"
    )
