"""Fold events into a message's document, as the guarded updates of ``history_store.py`` do.

Pure: for a rebuild, which folds in memory and writes in bulk. A message that is another user's is
left alone; what is given back may be the given document, changed in place.
"""

from typing import cast

from schemas.documents import MessageDocument

_OF_AN_END = ("finish_reason", "error")


def with_question(old: MessageDocument | None, question: MessageDocument) -> MessageDocument:
    """Keep a question as its earliest prompt had it."""
    if old is None:
        return question
    if old["user_id"] == question["user_id"] and old["reply_id"] > question["reply_id"]:
        return cast("MessageDocument", {**old, **question})
    return old


def with_pending(old: MessageDocument | None, answer: MessageDocument) -> MessageDocument:
    """Keep an answer that is to come, unless it is there."""
    if old is None:
        return answer
    if old["user_id"] == answer["user_id"]:
        _keep_sequences(old, answer)
        if omitted := answer.get("omitted_messages"):
            old["omitted_messages"] = omitted
    return old


def with_end(old: MessageDocument | None, answer: MessageDocument) -> MessageDocument:
    """Keep an answer that has ended; of several ends the one that finished first counts."""
    if old is None:
        return answer
    if old["user_id"] != answer["user_id"]:
        return old
    _keep_sequences(old, answer)
    pending = old["status"] == "pending"
    if not pending and old.get("finished_at_ms", 0) <= answer.get("finished_at_ms", 0):
        return old
    new = {**old, **answer, "log_seqs": old["log_seqs"]}
    for field in _OF_AN_END:
        if field not in answer:
            new.pop(field, None)
    return cast("MessageDocument", new)


def with_import(old: MessageDocument | None, message: MessageDocument) -> MessageDocument:
    """Keep a message that never changes."""
    return message if old is None else old


def _keep_sequences(old: MessageDocument, new: MessageDocument) -> None:
    old["log_seqs"] = sorted({*old["log_seqs"], *new["log_seqs"]})
