"""Take the pictures of the dashboards, as a user and as an admin see them."""

from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext

from tests.bench.agreement.person import PASSWORD
from tests.bench.web.screenshots import FOLDER, FORMS, save
from tests.web.browser import TIMEOUT_MS, Visitors, started_browser
from tests.web.screens import SIGNED_IN

_ADMINS: Final = ("admin-overview",)
_USERS: Final = ("usage",)


def take_pictures(url: str, admin: str, user: str, folder: Path = FOLDER) -> None:
    """Sign in as either, and look at what each may see."""
    with started_browser() as browser:
        visitors = Visitors(browser, url)
        for form, options in FORMS.items():
            for email, names in ((admin, _ADMINS), (user, _USERS)):
                context = visitors.somebody(**options)
                _sign_in(context, url, email)
                for name in names:
                    page = context.new_page()
                    page.goto("/")
                    SIGNED_IN[name](page)
                    # Counters run up, and charts are drawn.
                    page.wait_for_timeout(1_500)
                    save(page, folder / f"{name}-{form}.png", full=True)
                    page.close()
        visitors.close()


def _sign_in(context: BrowserContext, url: str, email: str) -> None:
    body = {"email": email, "password": PASSWORD, "session": "cookie", "device": ""}
    answer = context.request.post(
        "/api/auth/login", data=body, headers={"Origin": url}, timeout=TIMEOUT_MS
    )
    assert answer.ok, answer.text()
