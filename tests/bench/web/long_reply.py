"""A reply of many tokens in an open page: its longest task, and what its memory does."""

import time
from typing import NamedTuple

from playwright.sync_api import CDPSession, Page, Route, expect

from tests.web.browser import Visitors
from tests.web.chat_page import ChatPage
from tests.web.polling import until
from workers.engines.script import VOCABULARY

TOKENS_PER_S = 200
_MB = 1_000_000
_SLACK_S = 120
_WATCH_TASKS = """
window.tasks = []
new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) window.tasks.push([startTime, duration])
}).observe({ type: 'longtask', buffered: true })
"""


class Measured(NamedTuple):
    """Of one reply."""

    longest_task_ms: float
    growth_ratio: float
    growth_mb: float
    behind_s: float


def measure_reply(visitors: Visitors, tokens: int) -> Measured:
    """Read one reply in a page from its beginning to its end."""
    context = visitors.registered()
    context.add_init_script(_WATCH_TASKS)
    page = context.new_page()
    page.route("**/api/prompts", lambda route: _ask_for(route, tokens))
    debugger = context.new_cdp_session(page)
    chat = ChatPage(page).open().ask("Tell me everything.")
    expect(chat.stop_button).to_be_visible()
    begun = float(page.evaluate("performance.now()"))
    expected_s = tokens / TOKENS_PER_S
    started = time.monotonic()
    heaps, ours = [_heap_mb(debugger)], []
    for part in (0.5, 0.97):
        _wait(page, started + expected_s * part)
        before = float(page.evaluate("performance.now()"))
        heaps.append(_heap_mb(debugger))
        # A collection that we force is a long task, and not the page's.
        ours.append((before, float(page.evaluate("performance.now()"))))
    ended = started + expected_s
    expect(chat.stop_button).to_have_count(0, timeout=(expected_s + _SLACK_S) * 1_000)
    behind = time.monotonic() - ended
    _expect_all(chat, tokens)
    tasks = [
        duration
        for start, duration in page.evaluate("window.tasks")
        if start > begun + 1_000
        and not any(start < until_ and from_ < start + duration for from_, until_ in ours)
    ]
    first, second = heaps[1] - heaps[0], heaps[2] - heaps[1]
    return Measured(
        longest_task_ms=max(tasks, default=0.0),
        growth_ratio=second / max(first, 0.1),
        growth_mb=heaps[2] - heaps[0],
        behind_s=max(0.0, behind),
    )


def _expect_all(chat: ChatPage, tokens: int) -> None:
    """Fail where something else was measured than a whole reply of so many tokens."""
    [reply] = [message for message in chat.stored()["messages"] if message["role"] == "assistant"]
    assert (reply["status"], reply["finish_reason"]) == ("completed", "length")
    pieces = sorted(VOCABULARY, key=len, reverse=True)
    rest, count = reply["content"], 0
    while rest:
        rest = rest[len(next(piece for piece in pieces if rest.startswith(piece))) :]
        count += 1
    assert count == tokens


def _ask_for(route: Route, tokens: int) -> None:
    """Add to the page's prompt how long the reply shall be."""
    body = route.request.post_data_json
    sampling = {**(body.get("sampling") or {}), "ignore_eos": True, "max_tokens": tokens}
    route.continue_(post_data={**body, "params": sampling})


def _wait(page: Page, when: float) -> None:
    until(page, "the time has come", lambda: time.monotonic() >= when, poll_ms=500, seconds=600)


def _heap_mb(debugger: CDPSession) -> float:
    """Return what is in use once the garbage is gone."""
    debugger.send("HeapProfiler.collectGarbage")
    metrics = debugger.send("Runtime.getHeapUsage")
    return float(metrics["usedSize"]) / _MB
