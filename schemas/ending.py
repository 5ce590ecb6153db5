"""What a reply came to, read from its frames: its usage, its timings and the event that says so.

Pure. A worker that ends its own reply knows more than the log does and fills in the ``end`` frame;
everybody else, a canceller or a worker that finds a reply ended, has only the log, and from the
same log they all make the same event.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.events import PromptSubmitted, ReplyFinished, Timings, Usage
from schemas.fold import FoldedReply, FoldState, fold, fold_all
from schemas.frames import Attempt, Delta, End, Frame
from schemas.histogram import Histogram
from schemas.reply_log import StoredFrame
from schemas.token_times import times_in_log


class Landmarks(NamedTuple):
    """When what happened, Unix milliseconds by the broker's clock; ``None`` where it did not.

    ``worker`` is the one of the latest attempt.
    """

    first_attempt_at_ms: int | None = None
    first_token_at_ms: int | None = None
    ended_at_ms: int | None = None
    worker: str | None = None


def usage_of(end: End, tokens: int) -> Usage:
    """Return the usage of a reply of ``tokens`` tokens.

    A canceller cannot know how many there are: they are counted by the fold, for every reader
    alike.
    """
    if end.usage is None:
        return Usage(prompt_tokens=0, completion_tokens=tokens)
    if end.tokens is not None:
        return end.usage
    prompt = end.usage
    return Usage(
        prompt_tokens=prompt.prompt_tokens,
        completion_tokens=tokens,
        cached_tokens=prompt.cached_tokens,
    )


def cancelled_end(stored: Iterable[StoredFrame]) -> End:
    """Return the ``end`` that a canceller writes after it has read ``stored``."""
    first = next((f.frame for f in stored if _tells_of_prompt(f)), None)
    usage = None
    if isinstance(first, Delta):
        usage = Usage(
            prompt_tokens=first.prompt_tokens or 0,
            completion_tokens=0,
            cached_tokens=first.cached_tokens,
        )
    return End(n=None, tokens=None, status="cancelled", usage=usage)


def _tells_of_prompt(stored: StoredFrame) -> bool:
    return isinstance(stored.frame, Delta) and stored.frame.prompt_tokens is not None


def folded(stored: Iterable[StoredFrame]) -> FoldedReply:
    """Fold stored frames; those that do not parse count for nothing."""
    return fold_all(item.frame for item in stored if item.frame is not None)


def finished_from_log(
    prompt: PromptSubmitted, stored: Sequence[StoredFrame]
) -> ReplyFinished | None:
    """Return the event of a reply that has ended, or ``None`` while it has not."""
    reply = folded(stored)
    if reply.end is None:
        return None
    marks = landmarks(stored)
    ended_at_ms = marks.ended_at_ms or prompt.submitted_at_ms
    return finished_event(
        prompt,
        reply.end,
        reply.text,
        usage=usage_of(reply.end, reply.state.tokens),
        timings=reply.end.timings or _timings(prompt.submitted_at_ms, marks, ended_at_ms),
        attempts=reply.state.n,
        worker=marks.worker,
        finished_at_ms=ended_at_ms,
        inter_token_ms=times_in_log(_moments(stored)).histogram,
    )


def _moments(stored: Sequence[StoredFrame]) -> Iterable[tuple[Frame, float]]:
    return ((item.frame, item.stored_at_ms) for item in stored if item.frame is not None)


def finished_event(
    prompt: PromptSubmitted,
    end: End,
    text: str,
    *,
    usage: Usage,
    timings: Timings,
    attempts: int,
    worker: str | None,
    finished_at_ms: int,
    inter_token_ms: Histogram | None = None,
) -> ReplyFinished:
    """Build the event from the end that counts; ``text`` is the fold of the frames."""
    return ReplyFinished(
        reply_id=prompt.reply_id,
        user_id=prompt.user_id,
        user_message_id=prompt.user_message_id,
        assistant_message_id=prompt.assistant_message_id,
        conversation_id=prompt.conversation_id,
        model=prompt.model,
        status=end.status,
        finish_reason=end.finish_reason,
        error=end.error,
        text=text,
        usage=usage,
        timings=timings,
        attempts=attempts,
        worker=worker,
        submitted_at_ms=prompt.submitted_at_ms,
        finished_at_ms=finished_at_ms,
        client=prompt.client,
        kind=prompt.kind,
        temporary=prompt.temporary,
        inter_token_ms=inter_token_ms,
    )


def landmarks(stored: Iterable[StoredFrame]) -> Landmarks:
    """Return when the reply's first attempt, first token and end were stored."""
    state, marks = FoldState(), Landmarks()
    for item in stored:
        if item.frame is None or state.ended:
            continue
        state = fold(state, item.frame).state
        marks = _passed(marks, item, state)
    return marks


def _passed(marks: Landmarks, item: StoredFrame, state: FoldState) -> Landmarks:
    if isinstance(item.frame, Attempt) and item.frame.n == state.n:
        first = marks.first_attempt_at_ms or item.stored_at_ms
        return marks._replace(first_attempt_at_ms=first, worker=item.frame.worker)
    if state.tokens and marks.first_token_at_ms is None:
        return marks._replace(first_token_at_ms=item.stored_at_ms)
    if state.ended:
        return marks._replace(ended_at_ms=item.stored_at_ms)
    return marks


def _timings(submitted_at_ms: int, marks: Landmarks, ended_at_ms: int) -> Timings:
    """Return durations; clocks that disagree never go below 0."""
    began_at_ms = marks.first_attempt_at_ms or ended_at_ms
    first = marks.first_token_at_ms
    return Timings(
        queue_ms=max(0, began_at_ms - submitted_at_ms),
        first_token_ms=None if first is None else max(0, first - submitted_at_ms),
        total_ms=max(0, ended_at_ms - submitted_at_ms),
    )
