"""axe finds nothing on any screen, light or dark."""

from typing import Any, Literal

import pytest

from tests.web.axe import findings
from tests.web.browser import Visitors
from tests.web.hostile_texts import import_answers
from tests.web.screens import SHOWPIECE, SIGNED_IN, SIGNED_OUT


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(scheme: Literal["light", "dark"], visitors: Visitors) -> None:
    options: dict[str, Any] = {"color_scheme": scheme}
    stranger = visitors.somebody(**options).new_page()
    found: dict[str, list[str]] = {}
    for name, show in SIGNED_OUT.items():
        show(stranger)
        found[name] = findings(stranger)
    context = visitors.registered(**options)
    import_answers(context, visitors.url, "A river", [SHOWPIECE])
    for name, show in SIGNED_IN.items():
        page = context.new_page()
        page.goto("/")
        show(page)
        found[name] = findings(page)
        page.close()
    lines = [f"{name}: {place}" for name, places in found.items() for place in places]
    assert not lines, "\n".join(lines)
