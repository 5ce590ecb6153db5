"""Whatever a model writes is text: nothing runs, nothing is fetched, the page stays quick."""

import json
import time

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.support.stack_process import StackProcess
from tests.web.browser import Visitors
from tests.web.chat_page import ChatPage
from tests.web.hostile_texts import HOSTILE, import_answers
from tests.web.talking_worker import MODEL, talking_worker

# A megabyte in one line; a person would still call it quick.
_RESPONSIVE_S = 5.0
_NOT_LINKS = "a[href^='javascript' i], a[href^='data:' i], a[href^='vbscript' i]"
_FOREIGN = (
    "script, iframe, style, form, input:not([type=checkbox]), img:not([src^='blob:']), "
    "svg[onload], [onerror]"
)
_CUT = 7
_SELECTOR = json.dumps(f".markdown :is({_FOREIGN}, {_NOT_LINKS})")
_WATCH = f"""
window.foreign = []
new MutationObserver(() => {{
  for (const one of document.querySelectorAll({_SELECTOR})) window.foreign.push(one.outerHTML)
}}).observe(document, {{ subtree: true, childList: true, attributes: true }})
"""


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_text_is_only_text(what: str, visitors: Visitors) -> None:
    context = visitors.registered()
    import_answers(context, visitors.url, what, [HOSTILE[what]])
    page = context.new_page()
    elsewhere = asked_elsewhere(page, visitors.url)
    chat = ChatPage(page).open()
    page.get_by_role("link", name=what).click()
    expect(chat.answers.last).to_be_visible()
    expect(chat.answers.last.get_by_role("button", name="Copy").last).to_be_visible()
    expect_only_text(chat, HOSTILE[what])
    assert elsewhere == []


def test_hostile_text_is_only_text_while_it_streams(
    stack: StackProcess, visitors: Visitors
) -> None:
    """Cut anywhere, so that each mark is open for a moment."""
    text = "\n\n".join(HOSTILE[what] for what in ("html", "links", "broken", "fence"))
    pieces = [text[at : at + _CUT] for at in range(0, len(text), _CUT)]
    page = visitors.registered().new_page()
    elsewhere = asked_elsewhere(page, visitors.url)
    page.route("**/api/prompts", _ask_the_talker)
    # A sentence that was hostile for a moment only is seen too.
    page.add_init_script(_WATCH)
    with talking_worker(stack.stack_settings["RIVULET_NATS_URL"], pieces, pause_s=0.01):
        chat = ChatPage(page).open().ask("Do your worst.")
        chat.wait_for_words()
        chat.composer.fill("Still there?")
        chat.wait_for_end()
    expect_only_text(chat, text)
    assert page.evaluate("window.foreign") == []
    assert elsewhere == []


def expect_only_text(chat: ChatPage, text: str) -> None:
    """Look at the last answer, use the page, and copy what it says."""
    page = chat.page
    began = time.monotonic()
    chat.composer.fill("Still there?")
    expect(chat.composer).to_have_value("Still there?")
    assert time.monotonic() - began < _RESPONSIVE_S

    for link in chat.answers.last.get_by_role("link").all():
        assert (link.get_attribute("href") or "").startswith("https://")
        link.click(trial=True)
    assert chat.answers.last.locator(_NOT_LINKS).count() == 0
    assert chat.answers.last.locator(".markdown").locator(_FOREIGN).count() == 0
    assert page.evaluate("window.ran") is None
    assert chat.copied() == text


def asked_elsewhere(page: Page, url: str) -> list[str]:
    """Return a list to which the addresses are added that the page asks elsewhere."""
    elsewhere: list[str] = []
    page.on("request", lambda request: _note(elsewhere, request, url))
    return elsewhere


def _ask_the_talker(route: Route) -> None:
    route.continue_(post_data={**route.request.post_data_json, "model": MODEL})


def _note(elsewhere: list[str], request: Request, url: str) -> None:
    if not request.url.startswith((url, "data:", "blob:")):
        elsewhere.append(request.url)
