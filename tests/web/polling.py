"""Wait for a fact, with a deadline."""

import time
from collections.abc import Callable

from playwright.sync_api import Page

_DEADLINE_S = 60.0
_POLL_MS = 50


def until(page: Page, what: str, fact: Callable[[], bool]) -> None:
    """Return once ``fact`` holds; the page's events go on meanwhile."""
    deadline = time.monotonic() + _DEADLINE_S
    while not fact():
        assert time.monotonic() < deadline, f"it never came about that {what}"
        page.wait_for_timeout(_POLL_MS)
