"""Debian's chromium under Playwright, and people who visit the stack with it."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from compose.chromium import chromium

PASSWORD = "long enough for a test"
# The continuous integration has two busy cores.
TIMEOUT_MS = 45_000
# What a page copies can be read in the test: the clipboard belongs to the whole machine.
_KEEP_COPIES = """
Object.defineProperty(navigator.clipboard ?? {}, 'writeText', {
  value: (text) => { window.copiedText = text; return Promise.resolve() },
})
"""
_numbers = itertools.count(1)


@contextmanager
def started_browser() -> Iterator[Browser]:
    """Start the browser; ends with the block."""
    with sync_playwright() as playwright:
        # In a container there are no user namespaces for its sandbox, and the pages are our own.
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


class Visitors:
    """Opens browser contexts, and collects what went wrong in their pages."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.url = url
        self.trouble: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def somebody(self, url: str = "", **options: Any) -> BrowserContext:
        """Return the browser of somebody without an account."""
        # Keeping the shell is half of a first visit's work; test_installed.py looks at it.
        kept = {"service_workers": "block"}
        options = {"locale": "en-GB", "reduced_motion": "reduce", **kept, **options}
        context = self._browser.new_context(base_url=url or self.url, **options)
        context.set_default_timeout(TIMEOUT_MS)
        context.set_default_navigation_timeout(TIMEOUT_MS)
        context.add_init_script(_KEEP_COPIES)
        context.on("page", self._watch)
        self._contexts.append(context)
        return context

    def registered(self, url: str = "", **options: Any) -> BrowserContext:
        """Return the browser of somebody who has an account and is signed in."""
        context = self.somebody(url, **options)
        register(context, url or self.url)
        return context

    def close(self) -> None:
        """Close every browser."""
        for context in self._contexts:
            context.close()

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        page.on("console", lambda message: self._note(message.text))
        page.on("dialog", lambda dialog: (self.trouble.append("a dialog"), dialog.dismiss()))

    def _note(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.trouble.append(text)


def register(context: BrowserContext, url: str, name: str = "Ada") -> str:
    """Give the context an account and a session; return its address."""
    email = f"visitor{next(_numbers)}@example.org"
    body = {"name": name, "email": email, "password": PASSWORD, "session": "cookie", "device": ""}
    answer = context.request.post(
        f"{url}/api/auth/register", data=body, headers={"Origin": url}, timeout=TIMEOUT_MS
    )
    assert answer.ok, answer.text()
    return email
