"""What the usage holds of a finished reply."""

from typing import Any

import pytest

from analytics.errors import NotStorable
from analytics.usage_documents import usage_document
from schemas.events import Timings, Usage
from schemas.histogram import Histogram, histogram_of
from tests.analytics.replies import end_of, prompt_of

HOUR_MS = 3_600_000


def test_a_finished_reply_is_one_document_under_its_reply_id() -> None:
    times = histogram_of([2, 2, 2.5])
    end = end_of(prompt_of(), finished_at_ms=5 * HOUR_MS + 1, inter_token_ms=times)

    assert usage_document(end) == {
        "_id": end.reply_id,
        "user_id": end.user_id,
        "conversation_id": end.conversation_id,
        "model": end.model,
        "worker": "w1",
        "client": "api",
        "kind": "chat",
        "status": "completed",
        "attempts": 1,
        "prompt_tokens": 7,
        "cached_tokens": 3,
        "completion_tokens": 6,
        "queue_ms": 4,
        "first_token_ms": 15,
        "total_ms": 120,
        "submitted_at_ms": end.submitted_at_ms,
        "finished_at_ms": 5 * HOUR_MS + 1,
        "hour_ms": 5 * HOUR_MS,
        "error": "",
        "inter_token_ms": {"offset": 3, "counts": [2, 0, 1]},
        "minute": f"{5 * HOUR_MS}.{end.user_id}.rivulet-demo",
    }


def test_what_is_missing_is_an_empty_string_or_minus_one() -> None:
    end = end_of(
        prompt_of(conversation_id=None),
        worker=None,
        timings=Timings(queue_ms=0, first_token_ms=None, total_ms=9),
    )

    usage = usage_document(end)

    assert (usage["worker"], usage["conversation_id"], usage["first_token_ms"]) == ("", "", -1)


def test_an_hour_begins_at_its_first_millisecond_and_ends_before_the_next() -> None:
    prompt = prompt_of()

    assert usage_document(end_of(prompt, finished_at_ms=HOUR_MS))["hour_ms"] == HOUR_MS
    assert usage_document(end_of(prompt, finished_at_ms=2 * HOUR_MS - 1))["hour_ms"] == HOUR_MS


def test_a_clock_that_ran_backwards_has_taken_no_time() -> None:
    timings = Timings(queue_ms=-5, first_token_ms=-3, total_ms=-1)

    usage = usage_document(end_of(prompt_of(), timings=timings))

    assert (usage["queue_ms"], usage["first_token_ms"], usage["total_ms"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("named", "absurd"),
    [
        ("prompt_tokens", {"usage": Usage(prompt_tokens=2**62, completion_tokens=1)}),
        ("prompt_tokens", {"usage": Usage(prompt_tokens=-1, completion_tokens=1)}),
        ("completion_tokens", {"usage": Usage(prompt_tokens=1, completion_tokens=2**40 + 1)}),
        (
            "cached_tokens",
            {"usage": Usage(prompt_tokens=1, completion_tokens=1, cached_tokens=2**70)},
        ),
        ("inter_token_ms.counts", {"inter_token_ms": Histogram(0, (2**40, 1))}),
        ("inter_token_ms.offset", {"inter_token_ms": Histogram(2**70, (1,))}),
        ("total_ms", {"timings": Timings(queue_ms=1, first_token_ms=None, total_ms=2**60)}),
        ("finished_at_ms", {"finished_at_ms": -1}),
        ("attempts", {"attempts": 2**64}),
    ],
)
def test_absurd_figures_are_refused_and_named(named: str, absurd: dict[str, Any]) -> None:
    with pytest.raises(NotStorable, match=f"`{named}`"):
        usage_document(end_of(prompt_of(), **absurd))


def test_the_largest_figures_that_are_taken_add_up() -> None:
    usage = Usage(prompt_tokens=2**40, completion_tokens=2**40, cached_tokens=2**40)

    assert usage_document(end_of(prompt_of(), usage=usage))["prompt_tokens"] * 2**20 < 2**63
