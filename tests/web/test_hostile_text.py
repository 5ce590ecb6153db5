"""Whatever a model writes is text: nothing runs, nothing is fetched, the page stays quick."""

import time

import pytest
from playwright.sync_api import Request, expect

from tests.web.browser import Visitors
from tests.web.chat_page import ChatPage
from tests.web.hostile_texts import HOSTILE, import_answers

# A megabyte in one line; a person would still call it quick.
_RESPONSIVE_S = 5.0
_NOT_LINKS = "a[href^='javascript' i], a[href^='data:' i], a[href^='vbscript' i]"


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_text_is_only_text(what: str, visitors: Visitors) -> None:
    context = visitors.registered()
    import_answers(context, visitors.url, what, [HOSTILE[what]])
    page = context.new_page()
    elsewhere: list[str] = []
    page.on("request", lambda request: _note(elsewhere, request, visitors.url))
    chat = ChatPage(page).open()
    page.get_by_role("link", name=what).click()
    expect(chat.answers.last).to_be_visible()
    expect(chat.answers.last.get_by_role("button", name="Copy").last).to_be_visible()

    began = time.monotonic()
    chat.composer.fill("Still there?")
    expect(chat.composer).to_have_value("Still there?")
    assert time.monotonic() - began < _RESPONSIVE_S

    for link in chat.answers.last.get_by_role("link").all():
        assert (link.get_attribute("href") or "").startswith("https://")
        link.click(trial=True)
    assert chat.answers.last.locator(_NOT_LINKS).count() == 0
    inside = "script, iframe, style, form, input, img:not([src^='blob:']), svg[onload], [onerror]"
    assert chat.answers.last.locator(".markdown").locator(inside).count() == 0
    assert page.evaluate("window.ran") is None
    assert elsewhere == []
    assert chat.copied() == HOSTILE[what]


def _note(elsewhere: list[str], request: Request, url: str) -> None:
    if not request.url.startswith((url, "data:", "blob:")):
        elsewhere.append(request.url)
