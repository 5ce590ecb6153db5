"""Join replies that came in several pieces, as around the use of a tool. Pure.

Questions and replies shall take turns. A reply that hangs on a reply, alone, is the rest of it;
where several do, they are alternatives and stay apart.
"""

from collections import Counter

from gateway.transfer.tree import HungMessage, Tree

_BETWEEN = "\n\n"
# Joining must not make a message that is too large out of some that are not.
_MAX_CHARACTERS = 100_000


def join_replies(tree: Tree) -> Tree:
    """Return the tree with such replies joined, with the first piece's time and id."""
    children = Counter(hung.parent_id for hung in tree.messages)
    heads: dict[str, str] = {}
    by_head: dict[str, HungMessage] = {}
    pieces: dict[str, list[str]] = {}
    sizes: Counter[str] = Counter()
    for hung in tree.messages:
        parent_id = heads.get(hung.parent_id, hung.parent_id)
        size = len(hung.message.content)
        is_rest = _both_reply(by_head.get(parent_id), hung) and children[hung.parent_id] == 1
        if is_rest and sizes[parent_id] + size <= _MAX_CHARACTERS:
            head = parent_id
        else:
            head = hung.source_id
            by_head[head] = hung._replace(parent_id=parent_id)
        heads[hung.source_id] = head
        pieces.setdefault(head, []).append(hung.message.content)
        sizes[head] += size
    joined = [_with_content(hung, pieces[head]) for head, hung in by_head.items()]
    anchors = {node: heads.get(anchor, anchor) for node, anchor in tree.anchors.items()}
    return Tree(joined, anchors)


def _both_reply(parent: HungMessage | None, hung: HungMessage) -> bool:
    return parent is not None and parent.message.role == hung.message.role == "assistant"


def _with_content(hung: HungMessage, pieces: list[str]) -> HungMessage:
    message = hung.message._replace(content=_BETWEEN.join(pieces))
    return hung._replace(message=message)
