"""Two tabs show one answer; stopping, asking again and editing keep every version."""

from playwright.sync_api import BrowserContext, expect

from tests.web.chat_page import ChatPage
from tests.web.long_prompts import long_prompt


def test_two_tabs_show_the_same_answer(context: BrowserContext) -> None:
    first = ChatPage(context.new_page()).open().ask(long_prompt())
    first.wait_for_words()
    second = ChatPage(context.new_page()).open(f"/c/{first.conversation_id}")
    second.wait_for_words()
    assert second.expect_what_is_stored() == first.expect_what_is_stored()
    # What one says the other hears of.
    second.ask("And then?").wait_for_end()
    expect(first.questions.last).to_contain_text("And then?")
    assert first.expect_what_is_stored() == second.expect_what_is_stored()


_WATCH_EMPTY = """
() => {
  window.wasEmpty = false
  const look = () => {
    const text = [...document.querySelectorAll('article .markdown')].at(-1)?.textContent
    window.wasEmpty ||= text === ''
  }
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true })
}
"""


def test_an_answer_never_vanishes_while_its_end_is_stored(context: BrowserContext) -> None:
    chat = ChatPage(context.new_page()).open().ask(long_prompt())
    chat.wait_for_words()
    chat.page.evaluate(_WATCH_EMPTY)
    chat.wait_for_end()
    chat.expect_what_is_stored()
    assert chat.page.evaluate("window.wasEmpty") is False


def test_a_stopped_answer_keeps_what_was_written(context: BrowserContext) -> None:
    chat = ChatPage(context.new_page()).open().ask(long_prompt())
    chat.wait_for_words()
    chat.stop_button.click()
    expect(chat.page.get_by_text("You stopped this answer.")).to_be_visible()
    text = chat.expect_what_is_stored()
    assert 8 <= len(text.split()) < 200
    chat.page.reload()
    assert chat.expect_what_is_stored() == text


def test_an_edited_prompt_is_a_branch_beside_the_first(context: BrowserContext) -> None:
    chat = ChatPage(context.new_page()).open().ask("What is a river?")
    first = chat.expect_what_is_stored()
    chat.questions.last.hover()
    chat.questions.last.get_by_role("button", name="Edit").click()
    chat.page.get_by_role("textbox", name="Edit").fill("What is a sea?")
    chat.page.get_by_role("button", name="Send", exact=True).first.click()
    expect(chat.questions.last).to_contain_text("What is a sea?")
    second = chat.expect_what_is_stored()
    assert second != first
    chat.questions.last.get_by_role("button", name="Previous version").click()
    expect(chat.questions.last).to_contain_text("What is a river?")
    assert chat.copied() == first
    chat.questions.last.get_by_role("button", name="Next version").click()
    expect(chat.questions.last).to_contain_text("What is a sea?")
    chat.page.reload()
    expect(chat.questions.last).to_contain_text("What is a sea?")
    assert chat.expect_what_is_stored() == second


def test_another_answer_stands_beside_the_first(context: BrowserContext) -> None:
    chat = ChatPage(context.new_page()).open().ask("Say it once more.")
    chat.expect_what_is_stored()
    chat.answers.last.get_by_role("button", name="Ask for another answer").click()
    expect(chat.answers.last.get_by_text("2/2")).to_be_visible()
    chat.expect_what_is_stored()
    assert len(chat.stored()["messages"]) == 3
