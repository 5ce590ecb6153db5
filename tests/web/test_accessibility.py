"""axe finds nothing on any screen, light or dark."""

from playwright.sync_api import Page

from tests.support.stack_process import StackProcess
from tests.web.admins import admin
from tests.web.axe import findings
from tests.web.browser import Visitors
from tests.web.hostile_texts import import_answers
from tests.web.screens import SHOWPIECE, SIGNED_IN, SIGNED_OUT, Show

# A dark page has other colours, and is the same otherwise.
_COLOURS = ["color-contrast"]


def test_axe_finds_nothing(visitors: Visitors, stack: StackProcess) -> None:
    stranger = visitors.somebody().new_page()
    lines = [line for name in SIGNED_OUT for line in looked_at(stranger, name, SIGNED_OUT[name])]
    visitors.registered()
    context = admin(visitors, stack)
    import_answers(context, visitors.url, "A river", [SHOWPIECE])
    page = context.new_page()
    for name, show in SIGNED_IN.items():
        lines += looked_at(page, name, show)
    assert not lines, "\n".join(lines)


def looked_at(page: Page, name: str, show: Show) -> list[str]:
    """Return what is wrong with one screen."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})
    show(page)
    light = findings(page)
    page.emulate_media(color_scheme="dark")
    return [f"{name}: {line}" for line in (*light, *findings(page, _COLOURS))]
