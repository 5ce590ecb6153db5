"""Put a message tree in order, and find the branch of it that is shown. Pure.

Messages form a tree by ``parent_id``; edits and regenerations are siblings.
"""

from collections.abc import Iterable

from gateway.history import ROOT, StoredMessage, by_age


def shown_branch(messages: Iterable[StoredMessage], leaf_id: str) -> list[StoredMessage]:
    """Return the branch through ``leaf_id``, or through the newest message, first one first.

    Below the chosen message it takes the newest child each time.
    """
    by_id = {message.message_id: message for message in messages}
    if not by_id:
        return []
    newest_child: dict[str, StoredMessage] = {}
    for message in sorted(by_id.values(), key=by_age):
        newest_child[message.parent_id] = message
    chosen = by_id.get(leaf_id) or max(by_id.values(), key=by_age)
    above = _walk(chosen, {m.message_id: by_id.get(m.parent_id) for m in by_id.values()})
    below = _walk(chosen, {m.message_id: newest_child.get(m.message_id) for m in by_id.values()})
    seen = {message.message_id for message in above}
    return [*reversed(above), *(m for m in below[1:] if m.message_id not in seen)]


def parents_first(messages: Iterable[StoredMessage]) -> list[StoredMessage]:
    """Return messages by age, but each one after its parent, whatever their times say."""
    by_id = {message.message_id: message for message in messages}
    in_order: dict[str, StoredMessage] = {}
    for message in sorted(by_id.values(), key=by_age):
        above: dict[str, StoredMessage] = {}
        at: StoredMessage | None = message
        # Documents that point in a circle are walked once.
        while at is not None and at.message_id not in in_order and at.message_id not in above:
            above[at.message_id] = at
            at = by_id.get(at.parent_id)
        in_order.update(reversed(above.items()))
    return list(in_order.values())


def chosen_parent(messages: Iterable[StoredMessage], leaf_id: str) -> str:
    """Return what a message without a parent answers: the last reply of the branch that is shown.

    ``ROOT`` where it has none.
    """
    shown = reversed(shown_branch(messages, leaf_id))
    return next((one.message_id for one in shown if one.role == "assistant"), ROOT)


def _walk(start: StoredMessage, step: dict[str, StoredMessage | None]) -> list[StoredMessage]:
    """Follow ``step`` to its end; documents that point in a circle are walked once."""
    path: list[StoredMessage] = []
    at: StoredMessage | None = start
    while at is not None and len(path) < len(step):
        path.append(at)
        at = step[at.message_id]
    return path
