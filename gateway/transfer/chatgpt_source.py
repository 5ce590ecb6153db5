"""Read a conversation of ChatGPT's ``conversations.json``. Pure.

Its ``mapping`` holds the tree. What people wrote and what was answered is taken; system prompts,
tools with what was said to them, hidden messages and images are not.
"""

from msgspec import Raw, Struct

from gateway.transfer.loose_json import ABSENT, loose, loose_time
from gateway.transfer.sources import (
    BROKEN,
    Losses,
    NotAConversation,
    SourceConversation,
    SourceMessage,
    SourceNode,
    Unreadable,
)

_SECONDS = 1
_TEXTS = ("text", "multimodal_text")
_TO_EVERYBODY = "all"


class _Conversation(Struct):
    id: Raw = ABSENT
    conversation_id: Raw = ABSENT
    title: Raw = ABSENT
    create_time: Raw = ABSENT
    update_time: Raw = ABSENT
    mapping: Raw = ABSENT
    current_node: Raw = ABSENT
    default_model_slug: Raw = ABSENT
    is_archived: Raw = ABSENT


class _Node(Struct):
    parent: Raw = ABSENT
    message: Raw = ABSENT


class _Author(Struct):
    role: str


class _Content(Struct):
    content_type: str = "text"
    parts: list[Raw] = []


class _Metadata(Struct):
    model_slug: Raw = ABSENT
    is_visually_hidden_from_conversation: Raw = ABSENT


class _Message(Struct):
    author: _Author
    content: Raw = ABSENT
    create_time: Raw = ABSENT
    metadata: Raw = ABSENT
    recipient: Raw = ABSENT


def read_chatgpt(raw: Raw, now_ms: int) -> SourceConversation:
    """Return the conversation; raises ``Unreadable``."""
    sent = loose(raw, _Conversation)
    mapping = None if sent is None else loose(sent.mapping, dict[str, Raw])
    if sent is None or mapping is None:
        raise NotAConversation("It has no `mapping`, so it is no conversation of ChatGPT's.")
    losses = Losses()
    nodes = [_node(source_id, node, now_ms, losses) for source_id, node in mapping.items()]
    if not any(node.message for node in nodes):
        raise Unreadable("It holds no text of a user or an assistant.")
    return SourceConversation(
        source_id=loose(sent.conversation_id, str) or loose(sent.id, str),
        title=loose(sent.title, str) or "",
        model=loose(sent.default_model_slug, str) or _last_model(nodes),
        archived=loose(sent.is_archived, bool) or False,
        created_at_ms=loose_time(sent.create_time, _SECONDS, now_ms),
        updated_at_ms=loose_time(sent.update_time, _SECONDS, now_ms),
        leaf_id=loose(sent.current_node, str),
        nodes=nodes,
        join_replies=True,
        losses=losses,
    )


def _last_model(nodes: list[SourceNode]) -> str:
    models = (node.message.model for node in reversed(nodes) if node.message)
    return next(filter(None, models), "")


def _node(source_id: str, raw: Raw, now_ms: int, losses: Losses) -> SourceNode:
    sent = loose(raw, _Node)
    if sent is None:
        losses[BROKEN] += 1
        return SourceNode(source_id, None, None)
    message = None
    if sent.message != ABSENT:
        typed = loose(sent.message, _Message)
        if typed is None:
            losses[BROKEN] += 1
        else:
            message = _message(typed, now_ms)
    return SourceNode(source_id, loose(sent.parent, str) or None, message)


def _message(sent: _Message, now_ms: int) -> SourceMessage | None:
    """Return what somebody reads of a message, ``None`` if there is nothing."""
    metadata = loose(sent.metadata, _Metadata) or _Metadata()
    if loose(metadata.is_visually_hidden_from_conversation, bool):
        return None
    if (loose(sent.recipient, str) or _TO_EVERYBODY) != _TO_EVERYBODY:
        return None
    content = _text(sent.content)
    if not content.strip():
        return None
    at_ms = loose_time(sent.create_time, _SECONDS, now_ms)
    if sent.author.role == "user":
        return SourceMessage("user", content, "", at_ms)
    if sent.author.role == "assistant":
        model = loose(metadata.model_slug, str) or ""
        return SourceMessage("assistant", content, model, at_ms)
    return None


def _text(raw: Raw) -> str:
    content = loose(raw, _Content)
    if content is None or content.content_type not in _TEXTS:
        return ""
    return "\n".join(text for part in content.parts if (text := loose(part, str)))
