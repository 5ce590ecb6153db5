"""What a reply came to, read from its frames alone."""

import pytest

from schemas.ending import cancelled_end, finished_from_log, landmarks, usage_of
from schemas.events import ChatMessage, PromptSubmitted, Sampling, Timings, Usage
from schemas.frames import Attempt, Delta, End, Frame, Note
from schemas.histogram import histogram_of
from schemas.reply_log import StoredFrame

PROMPT = PromptSubmitted(
    reply_id="R" * 36,
    user_id="u" * 20,
    user_message_id="question",
    assistant_message_id="answer",
    conversation_id="conversation",
    model="m",
    messages=(ChatMessage("user", "Hello"),),
    sampling=Sampling(),
    submitted_at_ms=1_000,
    deadline_ms=9_000,
    client="web",
    temporary=True,
)
FIRST = Delta(1, 0, [5, 6], "One 👨‍👩‍👧", [3, 9], prompt_tokens=9, cached_tokens=4)
CANCELLED = End(
    n=None,
    tokens=None,
    status="cancelled",
    usage=Usage(prompt_tokens=9, completion_tokens=0, cached_tokens=4),
)


def stored(*frames: Frame | None) -> list[StoredFrame]:
    """Store frames 100 ms apart, the first at 2,000."""
    return [
        StoredFrame(7 + index, frame, 2_000 + 100 * index) for index, frame in enumerate(frames)
    ]


def test_a_cancelled_reply_is_told_from_its_log_as_its_readers_saw_it() -> None:
    log = stored(Attempt(1, "w-a"), FIRST, Attempt(2, "w-b"), Delta(2, 2, [7], " two"), CANCELLED)
    event = finished_from_log(PROMPT, log)
    assert event is not None
    assert event.text == "One 👨‍👩‍👧 two"
    assert event.usage == Usage(prompt_tokens=9, completion_tokens=3, cached_tokens=4)
    assert event.timings == Timings(queue_ms=1_000, first_token_ms=1_100, total_ms=1_400)
    assert (event.status, event.attempts, event.worker) == ("cancelled", 2, "w-b")
    assert event.finished_at_ms == 2_400
    assert event.inter_token_ms == histogram_of([0, 200])
    assert (event.user_message_id, event.assistant_message_id) == ("question", "answer")
    assert (event.conversation_id, event.client, event.temporary) == ("conversation", "web", True)


def test_a_reply_that_was_cancelled_in_the_queue_cost_nothing() -> None:
    event = finished_from_log(PROMPT, stored(End(n=None, tokens=None, status="cancelled")))
    assert event is not None
    assert event.usage == Usage(prompt_tokens=0, completion_tokens=0)
    assert event.timings == Timings(queue_ms=1_000, first_token_ms=None, total_ms=1_000)
    assert (event.text, event.attempts, event.worker) == ("", 0, None)


def test_the_end_of_a_worker_keeps_what_the_worker_measured() -> None:
    usage = Usage(prompt_tokens=9, completion_tokens=2, cached_tokens=9)
    timings = Timings(queue_ms=1, first_token_ms=2, total_ms=3)
    end = End(n=1, tokens=2, status="completed", finish_reason="stop", usage=usage, timings=timings)
    event = finished_from_log(PROMPT, stored(Attempt(1, "w-a"), FIRST, end))
    assert event is not None
    assert (event.usage, event.timings, event.finish_reason) == (usage, timings, "stop")


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [Attempt(1, "w-a"), FIRST],
        [Attempt(1, "w-a"), FIRST, End(n=1, tokens=3, status="completed")],
        [Attempt(1, "w-a"), FIRST, None],
    ],
    ids=["empty", "running", "end behind a hole", "unreadable"],
)
def test_a_reply_without_a_valid_end_has_not_finished(frames: list[Frame | None]) -> None:
    assert finished_from_log(PROMPT, stored(*frames)) is None


def test_a_canceller_counts_the_prompt_and_leaves_the_tokens_to_the_fold() -> None:
    assert cancelled_end(stored(Attempt(1, "w-a"), None, FIRST)) == CANCELLED
    assert cancelled_end(stored(Attempt(1, "w-a"))).usage is None
    assert cancelled_end([]) == End(n=None, tokens=None, status="cancelled")


def test_tokens_that_come_between_a_cancellers_look_and_its_end_are_counted() -> None:
    assert usage_of(CANCELLED, 5) == Usage(prompt_tokens=9, completion_tokens=5, cached_tokens=4)
    own = Usage(prompt_tokens=9, completion_tokens=2)
    assert usage_of(End(n=1, tokens=2, status="completed", usage=own), 2) is own


def test_void_frames_are_no_landmarks() -> None:
    log = stored(
        Attempt(2, "w-b"),
        Attempt(1, "w-a"),
        Delta(1, 0, [5], "late"),
        Note(2, "alive"),
        Delta(2, 0, [5], "first"),
        End(n=2, tokens=1, status="completed"),
        End(n=2, tokens=1, status="completed"),
    )
    marks = landmarks(log)
    assert (marks.first_attempt_at_ms, marks.worker) == (2_000, "w-b")
    assert (marks.first_token_at_ms, marks.ended_at_ms) == (2_400, 2_500)
