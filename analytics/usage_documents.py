"""Turn a finished reply into its usage document. Pure: no store, no clock."""

from schemas.documents import UsageDocument
from schemas.events import ReplyFinished

_HOUR_MS = 3_600_000
# A number, because the stores disagree on how null compares.
NO_FIRST_TOKEN = -1


def usage_document(event: ReplyFinished) -> UsageDocument:
    """Return what the reply cost; ``hour_ms`` is the hour in which it ended."""
    first_token_ms = event.timings.first_token_ms
    return UsageDocument(
        _id=event.reply_id,
        user_id=event.user_id,
        conversation_id=event.conversation_id or "",
        model=event.model,
        worker=event.worker or "",
        client=event.client,
        kind=event.kind,
        status=event.status,
        attempts=event.attempts,
        prompt_tokens=event.usage.prompt_tokens,
        cached_tokens=event.usage.cached_tokens,
        completion_tokens=event.usage.completion_tokens,
        queue_ms=event.timings.queue_ms,
        first_token_ms=NO_FIRST_TOKEN if first_token_ms is None else first_token_ms,
        total_ms=event.timings.total_ms,
        submitted_at_ms=event.submitted_at_ms,
        finished_at_ms=event.finished_at_ms,
        hour_ms=event.finished_at_ms - event.finished_at_ms % _HOUR_MS,
    )
