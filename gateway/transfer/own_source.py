"""Read a conversation of our own format (``export_format.py``). Pure."""

from typing import Any, Literal

from msgspec import Raw, Struct

from gateway.chat_request import sampling_of
from gateway.errors import BadRequest
from gateway.request_parsing import typed
from gateway.requests import SamplingFields
from gateway.transfer.loose_json import ABSENT, loose, loose_time
from gateway.transfer.sources import (
    BROKEN,
    SAMPLING,
    SYSTEM,
    Losses,
    NotAConversation,
    SourceConversation,
    SourceMessage,
    SourceNode,
)
from schemas.events import Sampling

_MILLI = 1_000
# An event must hold it, and a prompt the conversation beside it.
_MAX_SYSTEM = 100_000


class _Conversation(Struct):
    id: Raw = ABSENT
    title: Raw = ABSENT
    model: Raw = ABSENT
    system: Raw = ABSENT
    sampling: Raw = ABSENT
    pinned: Raw = ABSENT
    archived: Raw = ABSENT
    created_at_ms: Raw = ABSENT
    updated_at_ms: Raw = ABSENT
    leaf_id: Raw = ABSENT
    messages: Raw = ABSENT


class _Message(Struct):
    id: str
    parent_id: Raw = ABSENT
    role: Raw = ABSENT
    content: Raw = ABSENT
    model: Raw = ABSENT
    created_at_ms: Raw = ABSENT


def read_own(raw: Raw, now_ms: int) -> SourceConversation:
    """Return the conversation; raises ``NotAConversation``."""
    sent = loose(raw, _Conversation)
    if sent is None:
        raise NotAConversation("It is not a JSON object.")
    messages = loose(sent.messages, list[Raw])
    if messages is None:
        raise NotAConversation("Its `messages` are not a list.")
    losses = Losses()
    system = loose(sent.system, str) or ""
    if len(system) > _MAX_SYSTEM:
        losses[SYSTEM] += 1
        system = ""
    return SourceConversation(
        source_id=loose(sent.id, str),
        title=loose(sent.title, str) or "",
        model=loose(sent.model, str) or "",
        system=system,
        sampling=_sampling(sent.sampling, losses),
        pinned=loose(sent.pinned, bool) or False,
        archived=loose(sent.archived, bool) or False,
        created_at_ms=loose_time(sent.created_at_ms, _MILLI, now_ms),
        updated_at_ms=loose_time(sent.updated_at_ms, _MILLI, now_ms),
        leaf_id=loose(sent.leaf_id, str),
        nodes=_nodes(messages, now_ms, losses),
        losses=losses,
    )


def _sampling(raw: Raw, losses: Losses) -> Sampling | None:
    """Return what a request with these parameters would sample with."""
    if raw == ABSENT:
        return None
    fields = loose(raw, dict[str, Any])
    if fields == {}:
        return None
    try:
        if fields is None:
            raise BadRequest
        return sampling_of(typed(fields, SamplingFields))
    except BadRequest:
        losses[SAMPLING] += 1
        return None


def _nodes(messages: list[Raw], now_ms: int, losses: Losses) -> list[SourceNode]:
    nodes = []
    for raw in messages:
        sent = loose(raw, _Message)
        if sent is None:
            losses[BROKEN] += 1
            continue
        message = _message(sent, now_ms)
        if message is None:
            losses[BROKEN] += 1
        nodes.append(SourceNode(sent.id, loose(sent.parent_id, str) or None, message))
    return nodes


def _message(sent: _Message, now_ms: int) -> SourceMessage | None:
    role, content = _role(sent.role), loose(sent.content, str)
    if role is None or content is None:
        return None
    at_ms = loose_time(sent.created_at_ms, _MILLI, now_ms)
    return SourceMessage(role, content, loose(sent.model, str) or "", at_ms)


def _role(raw: Raw) -> Literal["user", "assistant"] | None:
    role = loose(raw, str)
    if role == "user":
        return "user"
    return "assistant" if role == "assistant" else None
