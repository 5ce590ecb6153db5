"""Wait for a fact, with a deadline."""

import time
from collections.abc import Callable

from playwright.sync_api import Page


def until(
    page: Page, what: str, fact: Callable[[], bool], *, seconds: float = 60, poll_ms: float = 50
) -> None:
    """Return once ``fact`` holds; the page's events go on meanwhile."""
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, f"it never came about that {what}"
        page.wait_for_timeout(poll_ms)
