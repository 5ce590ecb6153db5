"""Fold events into a conversation's document. Pure: no store, no clock.

Each field belongs to the event with the highest stream sequence that wrote it, so events may come
in any order and repeatedly. A title of its owner's wins over the model's, and that over the first
words of the first question.
"""

from hashlib import sha256

import msgspec
import orjson

from analytics.storable import storable
from schemas.documents import ConversationDocument, rank_of, search_text
from schemas.events import (
    ChatMessage,
    ConversationChanged,
    ConversationCreated,
    Feedback,
    MessagesImported,
    PromptSubmitted,
    ReplyFinished,
    Sampling,
)

_TITLE_CHARACTERS = 60
_MODEL_TITLE_CHARACTERS = 80
_TITLE_RANK = {"": 0, "prompt": 1, "model": 2, "user": 3}
_FIRST = "first_prompt"
_FEEDBACK = "feedback_"


def blank_conversation(conversation_id: str, user_id: str) -> ConversationDocument:
    """Return a conversation of which nothing is known; its rank 0 keeps it out of the list."""
    return ConversationDocument(
        _id=conversation_id,
        user_id=user_id,
        title="",
        title_by="",
        search=search_text(user_id, ""),
        model="",
        system="",
        sampling={},
        pinned=False,
        archived=False,
        created_at_ms=0,
        updated_at_ms=0,
        touched_at_ms=0,
        rank=0,
        last_reply_id="",
        leaf_id="",
        share_id="",
        share_leaf_id="",
        feedback={},
        seqs={},
        log_seqs=[],
        reply_ids=[],
        revision="",
    )


def with_prompt(
    document: ConversationDocument, event: PromptSubmitted, sequence: int
) -> ConversationDocument:
    """Return the document after a prompt, which takes it to the top of the list."""
    new = _copy(document)
    add_prompt(new, event, sequence)
    return sealed(new)


def add_prompt(new: ConversationDocument, event: PromptSubmitted, sequence: int) -> None:
    """Change a document as ``with_prompt`` does, in place; it is to be ``sealed`` at last."""
    _seen_between(new, event.submitted_at_ms, event.submitted_at_ms)
    _touched(new, event.submitted_at_ms)
    new["last_reply_id"] = max(new["last_reply_id"], event.reply_id)
    _write(new, sequence, model=event.model, leaf_id=event.assistant_message_id)
    _asked(new, sequence, asked_in(event.messages))


def with_title_prompt(
    document: ConversationDocument, event: PromptSubmitted | ReplyFinished, sequence: int
) -> ConversationDocument:
    """Return the document after one of the two events by which the model makes a title."""
    new = _copy(document)
    add_title_prompt(new, event, sequence)
    return sealed(new)


def add_title_prompt(
    new: ConversationDocument, event: PromptSubmitted | ReplyFinished, sequence: int
) -> None:
    """Change a document as ``with_title_prompt`` does, in place; it is to be ``sealed`` at last."""
    _keep_sequence(new, sequence)
    new["reply_ids"] = sorted({*new["reply_ids"], event.reply_id})
    if isinstance(event, ReplyFinished):
        title = title_of_model(event)
        if title and _TITLE_RANK[new["title_by"]] < _TITLE_RANK["model"]:
            _entitle(new, title, "model")


def with_creation(
    document: ConversationDocument, event: ConversationCreated, sequence: int
) -> ConversationDocument:
    """Return the document after its owner, or an import, made it."""
    new = _copy(document)
    add_creation(new, event, sequence)
    return sealed(new)


def add_creation(new: ConversationDocument, event: ConversationCreated, sequence: int) -> None:
    """Change a document as ``with_creation`` does, in place; it is to be ``sealed`` at last."""
    _keep_sequence(new, sequence)
    created_at_ms = event.created_at_ms or event.at_ms
    _seen_between(new, created_at_ms, event.updated_at_ms or created_at_ms)
    _touched(new, event.at_ms)
    _write(new, sequence, model=event.model or None, system=storable(event.system) or None)
    _write_sampling(new, sequence, event.sampling)
    _write_title(new, sequence, event.title or None)


def with_change(
    document: ConversationDocument, event: ConversationChanged, sequence: int
) -> ConversationDocument:
    """Return the document after its owner changed it; its place in the list stays."""
    new = _copy(document)
    add_change(new, event, sequence)
    return sealed(new)


def add_change(new: ConversationDocument, event: ConversationChanged, sequence: int) -> None:
    """Change a document as ``with_change`` does, in place; it is to be ``sealed`` at last."""
    _keep_sequence(new, sequence)
    _write(
        new,
        sequence,
        model=event.model,
        system=None if event.system is None else storable(event.system),
        pinned=event.pinned,
        archived=event.archived,
        leaf_id=event.leaf_id,
    )
    if event.share_id is not None:
        _write(new, sequence, share_id=event.share_id, share_leaf_id=event.share_leaf_id or "")
    _write_sampling(new, sequence, event.sampling)
    _write_title(new, sequence, event.title)
    _write_feedback(new, sequence, event.feedback)


def with_import(
    document: ConversationDocument, event: MessagesImported, sequence: int
) -> ConversationDocument:
    """Return the document after messages were added as they are; the last one is shown."""
    new = _copy(document)
    add_import(new, event, sequence)
    return sealed(new)


def add_import(new: ConversationDocument, event: MessagesImported, sequence: int) -> None:
    """Change a document as ``with_import`` does, in place; it is to be ``sealed`` at last."""
    _keep_sequence(new, sequence)
    _touched(new, event.at_ms)
    if event.messages:
        _write(new, sequence, leaf_id=event.messages[-1].message_id)
    question = next((message.content for message in event.messages if message.role == "user"), "")
    if question:
        _asked(new, sequence, question)


def asked_in(messages: tuple[ChatMessage, ...]) -> str:
    """Return the question of a prompt: the user's last message."""
    return next((message.content for message in reversed(messages) if message.role == "user"), "")


def title_of_question(question: str) -> str:
    """Return the first words of a question, in one line."""
    words = " ".join(question[: 10 * _TITLE_CHARACTERS].split())
    if len(words) <= _TITLE_CHARACTERS:
        return words
    cut = words[:_TITLE_CHARACTERS]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + "…"


def title_of_model(event: ReplyFinished) -> str:
    """Return the title that a model made, ``""`` if it is none: a small model may ramble."""
    if event.status != "completed" or event.finish_reason != "stop":
        return ""
    lines = [line.strip() for line in event.text.strip().splitlines()]
    title = lines[0].removeprefix("Title:").strip().strip("\"'*#“”«»").rstrip(".") if lines else ""
    return title if 0 < len(title) <= _MODEL_TITLE_CHARACTERS and len(lines) == 1 else ""


def _copy(document: ConversationDocument) -> ConversationDocument:
    new = document.copy()
    new["seqs"] = dict(document["seqs"])
    new["feedback"] = dict(document["feedback"])
    return new


def _seen_between(new: ConversationDocument, first_ms: int, last_ms: int) -> None:
    new["created_at_ms"] = min(new["created_at_ms"] or first_ms, first_ms)
    new["updated_at_ms"] = max(new["updated_at_ms"], last_ms)


def _touched(new: ConversationDocument, at_ms: int) -> None:
    new["touched_at_ms"] = max(new["touched_at_ms"], at_ms)


def _write(new: ConversationDocument, sequence: int, **fields: object) -> None:
    """Set fields whose last event is older; ``None`` is left as it was."""
    for field, value in fields.items():
        if value is not None and sequence >= new["seqs"].get(field, 0):
            new["seqs"][field] = sequence
            new[field] = value  # type: ignore[literal-required]


def _write_sampling(new: ConversationDocument, sequence: int, sampling: Sampling | None) -> None:
    _write(new, sequence, sampling=None if sampling is None else msgspec.to_builtins(sampling))


def _asked(new: ConversationDocument, sequence: int, question: str) -> None:
    """Call it by its first question until it has a better title."""
    if sequence <= new["seqs"].get(_FIRST, sequence):
        new["seqs"][_FIRST] = sequence
        if new["title_by"] in ("", "prompt"):
            _entitle(new, title_of_question(question), "prompt")


def _write_title(new: ConversationDocument, sequence: int, title: str | None) -> None:
    if title is not None and sequence >= new["seqs"].get("title", 0):
        new["seqs"]["title"] = sequence
        _entitle(new, title, "user")


def _write_feedback(new: ConversationDocument, sequence: int, feedback: Feedback | None) -> None:
    if feedback is None:
        return
    field = _FEEDBACK + feedback.message_id
    if sequence >= new["seqs"].get(field, 0):
        new["seqs"][field] = sequence
        new["feedback"].pop(feedback.message_id, None)
        if feedback.rating != "none":
            given = {"rating": feedback.rating, "reason": storable(feedback.reason)}
            new["feedback"][feedback.message_id] = given


def _entitle(new: ConversationDocument, title: str, by: str) -> None:
    new["title"], new["title_by"] = storable(title), by  # type: ignore[typeddict-item]
    new["search"] = search_text(new["user_id"], new["title"])


def _keep_sequence(new: ConversationDocument, sequence: int) -> None:
    new["log_seqs"] = sorted({*new["log_seqs"], sequence})


def sealed(new: ConversationDocument) -> ConversationDocument:
    """Give a document that was changed in place its rank and its revision, and return it."""
    if new["updated_at_ms"]:
        new["rank"] = rank_of(
            new["_id"], new["updated_at_ms"], pinned=new["pinned"], archived=new["archived"]
        )
    new["revision"] = ""
    new["revision"] = sha256(orjson.dumps(new, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
    return new
