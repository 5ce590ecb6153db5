"""The pages as a person finds their way in them: by roles and names, all of them here."""

from typing import Any, Self

from playwright.sync_api import Locator, Page, expect

from tests.web.browser import TIMEOUT_MS
from tests.web.polling import until

expect.set_options(timeout=TIMEOUT_MS)


class ChatPage:
    """The chat, in one tab."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message", exact=True)

    @property
    def answers(self) -> Locator:
        return self.page.get_by_role("article", name="Answer", exact=True)

    @property
    def questions(self) -> Locator:
        return self.page.get_by_role("article", name="Your message", exact=True)

    @property
    def stop_button(self) -> Locator:
        return self.page.get_by_role("button", name="Stop the answer")

    @property
    def conversation_id(self) -> str:
        return self.page.url.rsplit("/c/", 1)[1].split("?")[0]

    def open(self, path: str = "/") -> Self:
        """Open the chat and wait until somebody can write."""
        self.page.goto(path)
        expect(self.composer).to_be_visible()
        return self

    def ask(self, prompt: str) -> Self:
        """Send a prompt; wait until it was accepted."""
        expect(self.page.get_by_role("button", name="Model: rivulet-demo")).to_be_visible()
        self.composer.fill(prompt)
        self.composer.press("Enter")
        expect(self.questions.last).to_contain_text(prompt)
        self.page.wait_for_url("**/c/*")
        return self

    def wait_for_words(self, count: int = 8, more_than: str = "") -> str:
        """Return the text of the last answer once it has words, and they are still coming."""
        least = max(count, len(more_than.split()) + count if more_than else 0)
        until(self.page, f"{least} words are there", lambda: len(self.shown().split()) >= least)
        expect(self.stop_button).to_be_visible()
        return self.shown()

    def shown(self) -> str:
        """Return the text of the last answer as the page shows it."""
        answer = self.answers.last
        return answer.locator(".markdown").first.inner_text() if self.answers.count() else ""

    def wait_for_end(self) -> Self:
        """Return once the last answer has ended."""
        expect(self.answers.last.get_by_role("button", name="Copy").last).to_be_visible()
        expect(self.stop_button).to_have_count(0)
        return self

    def copied(self) -> str:
        """Return what copying the last answer gives."""
        self.answers.last.get_by_role("button", name="Copy", exact=True).last.click()
        expect(self.answers.last.get_by_role("button", name="Copied").last).to_be_visible()
        return str(self.page.evaluate("window.copiedText"))

    def stored(self) -> dict[str, Any]:
        """Return the conversation as the API has it, once nothing of it is pending."""
        kept: list[dict[str, Any]] = []

        def complete() -> bool:
            answer = self.page.request.get(f"/api/conversations/{self.conversation_id}")
            kept[:] = [answer.json()]
            return all(message["status"] != "pending" for message in kept[0]["messages"])

        until(self.page, "everything is stored", complete)
        return kept[0]

    def expect_what_is_stored(self) -> str:
        """Compare the last answer, once it has ended, with what is stored; return its text."""
        self.wait_for_end()
        message = self._shown_message()
        assert self.copied() == message["content"]
        assert self.shown().split() == message["content"].split()
        return str(message["content"])

    def _shown_message(self) -> dict[str, Any]:
        stored = self.stored()
        by_id = {message["message_id"]: message for message in stored["messages"]}
        message: dict[str, Any] = by_id[stored["branch"][-1]]
        return message
