"""Take the pictures of the dashboards, as a user and as an admin see them."""

from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext, Page, expect

from tests.bench.agreement.person import PASSWORD
from tests.bench.web.screenshots import FOLDER, FORMS, save
from tests.web.browser import TIMEOUT_MS, Visitors, started_browser
from tests.web.screens import Show, page_at


def _page_with(path: str, last_heading: str) -> Show:
    def show(page: Page) -> None:
        page_at(path)(page)
        expect(page.get_by_role("heading", name=last_heading)).to_be_visible()

    return show


# The load is of this hour: steps of a day would show less.
_ADMINS: Final = {"admin-overview": _page_with("/admin/overview?period=24h", "Top users")}
_USERS: Final = {"usage": _page_with("/usage?period=24h", "By model")}
# The pages scroll in a part of themselves, which a picture of the whole page does not reach.
_HIDDEN: Final = """() => Math.max(0, ...[...document.querySelectorAll('body *')]
  .filter((element) => /auto|scroll/.test(getComputedStyle(element).overflowY))
  .map((element) => element.scrollHeight - element.clientHeight))"""


def take_pictures(url: str, admin: str, user: str, folder: Path = FOLDER) -> None:
    """Sign in as either, and look at what each may see."""
    with started_browser() as browser:
        visitors = Visitors(browser, url)
        for form, options in FORMS.items():
            for email, screens in ((admin, _ADMINS), (user, _USERS)):
                context = visitors.somebody(**options)
                _sign_in(context, url, email)
                for name, show in screens.items():
                    _take(context, show, folder, name, form)
        visitors.close()


def _take(context: BrowserContext, show: Show, folder: Path, name: str, form: str) -> None:
    """Take a picture of what a window of this form shows, and one of the whole page."""
    page = context.new_page()
    page.goto("/")
    show(page)
    _draw(page)
    save(page, folder / f"{name}-{form}.png")
    _show_all(page)
    save(page, folder / f"{name}-whole-{form}.png")
    page.close()


def _show_all(page: Page) -> None:
    """Let the window be as high as what is to be seen."""
    size = page.viewport_size
    assert size is not None
    hidden = int(page.evaluate(_HIDDEN))
    page.set_viewport_size({**size, "height": size["height"] + hidden})
    _draw(page)


def _draw(page: Page) -> None:
    """Wait until counters have run up, and charts are drawn."""
    page.wait_for_timeout(1_500)


def _sign_in(context: BrowserContext, url: str, email: str) -> None:
    body = {"email": email, "password": PASSWORD, "session": "cookie", "device": ""}
    answer = context.request.post(
        "/api/auth/login", data=body, headers={"Origin": url}, timeout=TIMEOUT_MS
    )
    assert answer.ok, answer.text()
