"""Take the pictures of docs/images: every screen, light and dark, wide and as on a phone."""

import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, Page

from compose.install import ROOT, Environment
from compose.web_client import ensure_built
from tests.support.stack_process import StackProcess
from tests.web.admins import admin
from tests.web.browser import Visitors, started_browser
from tests.web.hostile_texts import import_answers
from tests.web.screens import DIALOGS, SHOWPIECE, SIGNED_IN, SIGNED_OUT, Show

FOLDER: Final = ROOT / "docs" / "images"
FORMS: Final[dict[str, dict[str, Any]]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "phone": {
        "color_scheme": "light",
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
    },
}
# These say nothing that another does not, or have more to show after a mixed load:
# `python -m tests.bench.agreement --pictures`.
_LEFT_OUT: Final = ("not-found", "model-menu", "keys", "usage", "admin-overview", *DIALOGS)


def main() -> None:
    """Take them all."""
    ensure_built(Environment(Path(sys.prefix)))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="rivulet-pictures-") as folder:
        stack = StackProcess(
            Path(folder) / "data", ENGINE="scripted", REGISTRATION="open", TITLES="off"
        ).start()
        try:
            with started_browser() as browser:
                visitors = Visitors(browser, stack.url)
                for form, options in FORMS.items():
                    _take_form(visitors, stack, form, options)
                visitors.close()
        finally:
            stack.stop()


def _take_form(visitors: Visitors, stack: StackProcess, form: str, options: dict[str, Any]) -> None:
    _take(visitors.somebody(**options), SIGNED_OUT, form)
    context = admin(visitors, stack, **options)
    for title in ("Notes on tides", "A letter to the mill", "Why rivers bend", "A river"):
        import_answers(context, visitors.url, title, [SHOWPIECE])
    _take(context, SIGNED_IN, form)


def _take(context: BrowserContext, screens: dict[str, Show], form: str) -> None:
    for name, show in screens.items():
        if name in _LEFT_OUT or (name == "drawer" and form != "phone"):
            continue
        page = context.new_page()
        page.goto("/")
        show(page)
        save(page, FOLDER / f"{name}-{form}.png")
        page.close()


def save(page: Page, path: Path) -> None:
    """Write what the page shows."""
    page.screenshot(path=path, animations="disabled", caret="hide")


if __name__ == "__main__":
    main()
