"""From the first admin's code to a link that anybody can read, as one person lives it."""

from playwright.sync_api import expect

from tests.support.stack_process import StackProcess
from tests.web.browser import PASSWORD, Visitors
from tests.web.chat_page import ChatPage


def test_somebody_registers_with_the_admin_code_chats_and_shares(
    stack: StackProcess, visitors: Visitors
) -> None:
    page = visitors.somebody().new_page()
    page.goto("/")
    page.get_by_role("link", name="Create account").click()
    page.get_by_role("textbox", name="Name").fill("Ada")
    page.get_by_role("textbox", name="Email").fill("ada@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    code = (stack.data_dir / "admin-code").read_text().strip()
    page.get_by_role("textbox", name="Invitation code").fill(code)
    page.get_by_role("button", name="Create account").click()

    chat = ChatPage(page)
    expect(chat.composer).to_be_visible()
    assert page.request.get("/api/me").json()["role"] == "admin"
    chat.ask("What flows?")
    text = chat.expect_what_is_stored()
    expect(page.locator(f'a[href="/c/{chat.conversation_id}"]')).to_be_visible()

    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog", name="Share this conversation")
    dialog.get_by_role("button", name="Make a public link").click()
    link = dialog.get_by_role("textbox", name="Public link").input_value()
    stranger = visitors.somebody().new_page()
    stranger.goto(link)
    shown = stranger.get_by_role("main").locator(".markdown")
    expect(shown).to_be_visible()
    assert shown.inner_text().split() == text.split()

    dialog.get_by_role("button", name="End the link").click()
    expect(dialog.get_by_role("status")).to_have_text("The link leads nowhere now.")
    stranger.reload()
    expect(stranger.get_by_role("heading", name="There is nothing here")).to_be_visible()
    expect(shown).to_have_count(0)

    page.reload()
    assert chat.expect_what_is_stored() == text


def test_somebody_signs_out_and_in_again(visitors: Visitors) -> None:
    context = visitors.registered()
    chat = ChatPage(context.new_page()).open()
    email = chat.page.request.get("/api/me").json()["email"]
    chat.page.get_by_role("button", name="Ada").click()
    chat.page.get_by_role("menuitem", name="Sign out").click()
    chat.page.get_by_role("textbox", name="Email").fill(email)
    chat.page.get_by_label("Password").fill("not the password")
    chat.page.get_by_role("button", name="Sign in").click()
    expect(chat.page.get_by_role("alert")).to_contain_text("Email or password is wrong.")
    chat.page.get_by_label("Password").fill(PASSWORD)
    chat.page.get_by_role("button", name="Sign in").click()
    expect(chat.composer).to_be_visible()


def test_whoever_erases_their_account_is_a_stranger(visitors: Visitors) -> None:
    context = visitors.registered()
    chat = ChatPage(context.new_page()).open().ask("Remember me?").wait_for_end()
    page, conversation = chat.page, chat.page.url
    email = page.request.get("/api/me").json()["email"]
    page.goto("/settings/data")
    page.get_by_role("button", name="Delete my account").click()
    dialog = page.get_by_role("alertdialog", name="Delete your account?")
    confirm = dialog.get_by_role("button", name="Delete my account")
    dialog.get_by_label("Password").fill(PASSWORD)
    expect(confirm).to_be_disabled()
    dialog.get_by_label(f"Type {email} to confirm").fill(email)
    confirm.click()
    expect(page.get_by_role("heading", name="Your account is deleted")).to_be_visible()
    expect(page.get_by_text("This was removed:")).to_be_visible()
    page.goto(conversation)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert context.request.get("/api/me").status == 401
