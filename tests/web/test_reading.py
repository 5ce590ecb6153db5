"""The reader stays where they are: in the text, with the keyboard, and on any width."""

import pytest
from playwright.sync_api import APIResponse, BrowserContext, Locator, Page, Route, expect

from tests.web.browser import Visitors
from tests.web.chat_page import ChatPage
from tests.web.hostile_texts import import_answers
from tests.web.long_prompts import long_prompt
from tests.web.polling import until

_FROM_END = """
(log) => {
  const box = log.parentElement
  return box.scrollHeight - box.scrollTop - box.clientHeight
}
"""
_WIDE = "```\n" + "wide " * 300 + "\n```\n\n|" + "column |" * 40 + "\n|" + "---|" * 40


def from_end(page: Page) -> int:
    log = page.get_by_role("log", name="Conversation")
    return round(log.evaluate(_FROM_END))


def expect_focused(place: Locator) -> None:
    expect(place.first).to_be_focused()


@pytest.mark.parametrize("key", ["PageUp", "ArrowUp", "Home"])
def test_a_key_leads_away_from_an_end_that_grows(key: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 400})
    chat = ChatPage(page).open().ask(long_prompt())
    chat.wait_for_words(110)
    # The keyboard is with the page, not with the box that scrolls.
    page.mouse.click(180, 150)
    until(page, "the end is in sight", lambda: from_end(page) <= 1)
    for _ in range(3):
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    there = from_end(page)
    assert there > 48
    chat.wait_for_words(8, more_than=chat.shown())
    assert from_end(page) >= there
    page.get_by_role("button", name="To the latest message").click()
    chat.wait_for_words(8, more_than=chat.shown())
    until(page, "the end is in sight", lambda: from_end(page) <= 1)
    chat.expect_what_is_stored()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_shared_page_is_never_wider_than_the_screen(width: int, visitors: Visitors) -> None:
    context = visitors.registered()
    import_answers(context, visitors.url, "wide", [_WIDE])
    page = context.new_page()
    chat = ChatPage(page).open()
    page.get_by_role("link", name="wide").click()
    expect(chat.answers.last).to_be_visible()
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog", name="Share this conversation")
    dialog.get_by_role("button", name="Make a public link").click()
    link = dialog.get_by_role("textbox", name="Public link").input_value()
    stranger = visitors.somebody().new_page()
    stranger.set_viewport_size({"width": width, "height": 800})
    stranger.goto(link)
    expect(stranger.get_by_role("article", name="Question")).to_be_in_viewport(ratio=1)
    answer = stranger.get_by_role("article", name="Answer").bounding_box()
    assert answer is not None
    assert answer["x"] >= 0
    assert answer["x"] + answer["width"] <= width
    expect(stranger).to_have_title("wide \N{EN DASH} Rivulet")


def test_the_keyboard_keeps_its_place(context: BrowserContext) -> None:
    page = context.new_page()
    chat = ChatPage(page).open().ask("What is a river?")
    chat.wait_for_end()
    expect(page).to_have_title("What is a river? \N{EN DASH} Rivulet")

    edit = chat.questions.last.get_by_role("button", name="Edit")
    edit.press("Enter")
    page.get_by_role("textbox", name="Edit").press("Escape")
    expect_focused(edit)
    edit.press("Enter")
    page.get_by_role("textbox", name="Edit").fill("What is a sea?")
    page.keyboard.press("Enter")
    expect(chat.questions.last).to_contain_text("What is a sea?")
    expect_focused(chat.composer)
    chat.wait_for_end()

    previous = chat.questions.last.get_by_role("button", name="Previous version")
    previous.press("Enter")
    expect(chat.questions.last).to_contain_text("What is a river?")
    expect_focused(previous)
    chat.answers.last.get_by_role("button", name="Ask for another answer").press("Enter")
    expect_focused(chat.composer)
    chat.wait_for_end()


def test_a_branch_stays_chosen_whatever_was_being_read_meanwhile(context: BrowserContext) -> None:
    page = context.new_page()
    chat = ChatPage(page).open().ask("What is a river?")
    chat.wait_for_end()
    chat.questions.last.get_by_role("button", name="Edit").press("Enter")
    page.get_by_role("textbox", name="Edit").fill("What is a sea?")
    read: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if route.request.method == "GET" and not chosen:
            read.append((route, route.fetch()))
        else:
            route.continue_()

    # The server's answers are from before the choice, and come after it.
    page.route("**/api/conversations/*", hold)
    chosen = False
    page.keyboard.press("Enter")
    chat.wait_for_end()
    until(page, "the conversation is read again", lambda: bool(read))
    chosen = True

    previous = chat.questions.last.get_by_role("button", name="Previous version")
    previous.press("Enter")
    expect(chat.questions.last).to_contain_text("What is a river?")
    for route, response in read:
        route.fulfill(response=response)
    page.wait_for_timeout(500)
    expect(chat.questions.last).to_contain_text("What is a river?")
    expect_focused(previous)


def test_the_next_row_has_the_keyboard_when_one_goes(visitors: Visitors) -> None:
    context = visitors.registered()
    for title in ("first", "second", "third"):
        import_answers(context, visitors.url, title, ["Yes."])
    page = context.new_page()
    ChatPage(page).open()
    titles = page.locator("[data-conversation] a")
    expect(titles).to_have_count(3)
    row, below = titles.nth(0).inner_text(), titles.nth(1).inner_text()
    page.get_by_role("button", name=f"Actions for {row}").press("Enter")
    page.get_by_role("menuitem", name="Archive").press("Enter")
    expect(titles).to_have_count(2)
    expect_focused(page.get_by_role("link", name=below))
    page.get_by_role("button", name=f"Actions for {below}").press("Enter")
    page.get_by_role("menuitem", name="Delete").press("Enter")
    expect(titles).to_have_count(1)
    expect_focused(titles)
    page.get_by_role("button", name="Undo").last.press("Enter")
    expect(titles).to_have_count(2)
    expect_focused(page.locator("#content"))


def test_enter_makes_a_new_line_where_there_is_no_other_key(visitors: Visitors) -> None:
    page = visitors.registered(has_touch=True, is_mobile=True).new_page()
    chat = ChatPage(page).open()
    chat.composer.fill("One line")
    chat.composer.press("Enter")
    chat.composer.press_sequentially("and another")
    expect(chat.composer).to_have_value("One line\nand another")
    page.get_by_role("button", name="Send").click()
    expect(chat.questions.last).to_contain_text("and another")
    chat.wait_for_end()
    # Its keyboard would cover the answer.
    chat.answers.last.get_by_role("button", name="Ask for another answer").tap()
    expect(chat.answers.last.get_by_text("2/2")).to_be_visible()
    expect(chat.composer).not_to_be_focused()
