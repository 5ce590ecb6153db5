"""A session that runs out in mid-stream costs neither the reply nor the draft."""

from playwright.sync_api import BrowserContext, expect

from tests.web.browser import PASSWORD, Visitors
from tests.web.chat_page import ChatPage
from tests.web.cutting_proxy import CuttingProxy
from tests.web.long_prompts import long_prompt

_DRAFT = "and what comes next?"


def drafting(context: BrowserContext) -> ChatPage:
    """Return a chat with an answer under way and a draft below."""
    chat = ChatPage(context.new_page()).open().ask(long_prompt())
    chat.wait_for_words()
    chat.composer.fill(_DRAFT)
    return chat


def test_an_expired_session_is_renewed_without_a_word(
    visitors: Visitors, proxy: CuttingProxy
) -> None:
    context = visitors.registered(proxy.url)
    chat = drafting(context)
    # What a browser does after fifteen minutes. The stream then has to begin a connection anew.
    context.clear_cookies(name="rivulet_access")
    proxy.cut()
    proxy.mend()
    chat.expect_what_is_stored()
    expect(chat.page.get_by_role("dialog")).to_have_count(0)
    expect(chat.composer).to_have_value(_DRAFT)


def test_a_session_that_has_ended_asks_for_the_password_and_goes_on(
    visitors: Visitors, proxy: CuttingProxy
) -> None:
    context = visitors.registered(proxy.url)
    chat = drafting(context)
    context.clear_cookies(name="rivulet_access")
    context.clear_cookies(name="rivulet_refresh")
    proxy.cut()
    proxy.mend()
    dialog = chat.page.get_by_role("dialog", name="Your session has ended")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_have_count(0)
    chat.expect_what_is_stored()
    expect(chat.composer).to_have_value(_DRAFT)


def test_a_draft_survives_a_reload(context: BrowserContext) -> None:
    chat = ChatPage(context.new_page()).open()
    chat.composer.fill(_DRAFT)
    chat.page.reload()
    expect(chat.composer).to_have_value(_DRAFT)
