"""Every screen there is, by name and how one gets there; for axe and for the pictures."""

from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page, expect

from tests.web.chat_page import ChatPage

Show = Callable[[Page], None]

# An answer with everything that Markdown has.
SHOWPIECE: Final = """A river **never** loses a drop: what was accepted is *kept*.

| what breaks | what you see |
| --- | --- |
| the worker | the next one goes on |
| the network | the text waits for you |

```python
def flow(cursor: int) -> str:
    # Everything behind the cursor is kept.
    return f"from {cursor} on"
```

1. Reload the page.
2. Switch the device.
3. Read on: $e^{i\\pi} + 1 = 0$

> Nothing lost, nothing twice. See [the page](https://example.org).
"""


def sign_in(page: Page) -> None:
    page.goto("/login")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def register(page: Page) -> None:
    page.goto("/register")
    expect(page.get_by_role("button", name="Create account")).to_be_visible()


def new_chat(page: Page) -> None:
    ChatPage(page).open()
    expect(page.get_by_role("button", name="Model: rivulet-demo")).to_be_visible()


def conversation(page: Page) -> None:
    open_showpiece(page)
    expect(page.locator(".katex").first).to_be_visible()
    expect(page.locator("pre span").first).to_be_visible()


def open_showpiece(page: Page) -> ChatPage:
    listed = page.request.get("/api/conversations").json()["data"]
    return ChatPage(page).open(f"/c/{listed[0]['conversation_id']}")


def shared(page: Page) -> None:
    listed = page.request.get("/api/conversations").json()["data"]
    path = f"/api/conversations/{listed[0]['conversation_id']}/share"
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    origin = "/".join(page.url.split("/")[:3])
    headers = {"X-CSRF-Token": cookies["rivulet_csrf"], "Origin": origin}
    answer = page.request.post(path, data={}, headers=headers)
    page.goto(f"/s/{answer.json()['share_path'].rsplit('/', 1)[1]}")
    expect(page.locator(".katex").first).to_be_visible()


def model_menu(page: Page) -> None:
    new_chat(page)
    page.get_by_role("button", name="Model: rivulet-demo").click()
    expect(page.get_by_role("menu")).to_be_visible()


def dialog_of(button: str, name: str) -> Show:
    """Return a way to a dialog that a button of the conversation opens."""

    def show(page: Page) -> None:
        conversation(page)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("dialog", name=name)).to_be_visible()

    return show


def dialog_at(path: str, button: str, name: str) -> Show:
    """Return a way to a dialog that a button of a page opens."""

    def show(page: Page) -> None:
        page_at(path)(page)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("dialog").or_(page.get_by_role("alertdialog"))).to_contain_text(
            name
        )

    return show


def about_a_user(item: str, name: str) -> Show:
    """Return a way to what an admin is asked before something is done to an account."""

    def show(page: Page) -> None:
        page_at("/admin/users")(page)
        page.get_by_role("main").get_by_role("button", name="Actions for").first.click()
        page.get_by_role("menuitem", name=item).click()
        expect(page.get_by_role("alertdialog")).to_contain_text(name)

    return show


def search(page: Page) -> None:
    conversation(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search")).to_be_visible()


def keys(page: Page) -> None:
    new_chat(page)
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog")).to_be_visible()


def drawer(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    new_chat(page)
    page.get_by_role("button", name="Show sidebar").click()
    expect(page.get_by_role("dialog", name="Menu")).to_be_visible()


def not_found(page: Page) -> None:
    page.goto("/nowhere")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


def page_at(path: str) -> Show:
    """Return a way to a page that needs nothing but its address."""

    def show(page: Page) -> None:
        page.goto(path)
        expect(page.get_by_role("heading").first).to_be_visible()
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)

    return show


DIALOGS: Final[dict[str, Show]] = {
    "new-key": dialog_at("/settings/keys", "New key", "What it may do"),
    "erase-account": dialog_at("/settings/data", "Delete my account", "Delete your account?"),
    "invite": dialog_at("/admin/invitations", "Invite", "Whom it is for"),
    "disable-user": about_a_user("Disable", "Disable"),
    "erase-user": about_a_user("Delete account", "Delete the account of"),
}
SIGNED_OUT: Final[dict[str, Show]] = {"sign-in": sign_in, "register": register}
SIGNED_IN: Final[dict[str, Show]] = {
    "new-chat": new_chat,
    "conversation": conversation,
    "shared": shared,
    "model-menu": model_menu,
    "drawer": drawer,
    "not-found": not_found,
    "share": dialog_of("Share", "Share this conversation"),
    "tuning": dialog_of("Instructions and parameters", "Instructions and parameters"),
    "search": search,
    "keys": keys,
    **{
        f"settings-{section}": page_at(f"/settings/{section}")
        for section in ("profile", "security", "keys", "appearance", "archived", "data")
    },
    "usage": page_at("/usage"),
    **{
        f"admin-{section}": page_at(f"/admin/{section}")
        for section in ("overview", "users", "invitations")
    },
    **DIALOGS,
}
