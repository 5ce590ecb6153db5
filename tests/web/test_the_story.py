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

    share = page.request.post(
        f"/api/conversations/{chat.conversation_id}/share",
        data={},
        headers=csrf(chat),
    )
    assert share.ok, share.text()
    token = share.json()["share_path"].rsplit("/", 1)[1]
    stranger = visitors.somebody().new_page()
    stranger.goto(f"/s/{token}")
    shown = stranger.get_by_role("main").locator(".markdown")
    expect(shown).to_be_visible()
    assert shown.inner_text().split() == text.split()

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
    conversation = chat.page.url
    erased = context.request.delete("/api/me", data={"password": PASSWORD}, headers=csrf(chat))
    assert erased.ok, erased.text()
    chat.page.goto(conversation)
    expect(chat.page.get_by_role("button", name="Sign in")).to_be_visible()
    assert context.request.get("/api/me").status == 401


def csrf(chat: ChatPage) -> dict[str, str]:
    """Return what proves to the API that a page of ours has asked."""
    from_cookie = {cookie["name"]: cookie["value"] for cookie in chat.page.context.cookies()}
    origin = "/".join(chat.page.url.split("/")[:3])
    return {"X-CSRF-Token": from_cookie["rivulet_csrf"], "Origin": origin}
