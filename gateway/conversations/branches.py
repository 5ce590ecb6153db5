"""Find the branch of a message tree that is shown. Pure.

Messages form a tree by ``parent_id``; edits and regenerations are siblings. The branch that is
shown goes through the message that was chosen last, and on from there to its newest descendant.
"""

from collections import defaultdict
from collections.abc import Sequence

from gateway.history import StoredMessage


def shown_branch(messages: Sequence[StoredMessage], leaf_id: str) -> list[StoredMessage]:
    """Return the branch from its first message to its last; ``leaf_id`` may name any on it.

    Without that message the branch ends with the newest one.
    """
    by_id = {message.message_id: message for message in messages}
    chosen = by_id.get(leaf_id) or max(messages, key=_age, default=None)
    if chosen is None:
        return []
    return [*reversed(_up(by_id, chosen)), *_down(messages, chosen, len(by_id))]


def _up(by_id: dict[str, StoredMessage], chosen: StoredMessage) -> list[StoredMessage]:
    path: list[StoredMessage] = []
    at: StoredMessage | None = chosen
    # Documents that point in a circle must not hang the gateway.
    while at is not None and len(path) < len(by_id):
        path.append(at)
        at = by_id.get(at.parent_id)
    return path


def _down(
    messages: Sequence[StoredMessage], chosen: StoredMessage, most: int
) -> list[StoredMessage]:
    children: dict[str, list[StoredMessage]] = defaultdict(list)
    for message in messages:
        children[message.parent_id].append(message)
    path: list[StoredMessage] = []
    at = chosen
    while children[at.message_id] and len(path) < most:
        at = max(children[at.message_id], key=_age)
        path.append(at)
    return path


def _age(message: StoredMessage) -> tuple[int, str]:
    return message.created_at_ms, message.message_id
