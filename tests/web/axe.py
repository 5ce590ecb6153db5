"""axe, the checker of accessibility, in a page; it comes with the web client's packages."""

from collections.abc import Sequence
from typing import Final

from playwright.sync_api import Page

from compose.web_client import CLIENT

_AXE: Final = CLIENT / "node_modules" / "axe-core" / "axe.min.js"
_EVERYTHING: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# A menu or a hint that is open stands in the body, where no parent clips it, and in no landmark.
_RUN: Final = """async (rules) => {
  // Half way from one colour to another, any colour has too little contrast.
  const still = new CSSStyleSheet()
  still.replaceSync('*, *::before, *::after { transition: none !important }')
  document.adoptedStyleSheets.push(still)
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame)
  const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] })
  return violations.flatMap(({ id, help, nodes }) =>
    nodes
      .filter(({ target }) => id !== 'region' || !String(target).includes('radix-popper'))
      .map(({ target, failureSummary }) => `${id}: ${help}: ${target} ${failureSummary}`))
}"""


def findings(page: Page, rules: Sequence[str] = _EVERYTHING) -> list[str]:
    """Return what axe finds, one line a place; rules by their names or by their tags."""
    # The debugger's way in: the page's policy lets no foreign script in, and shall not.
    page.evaluate(_AXE.read_text())
    found: list[str] = page.evaluate(_RUN, list(rules))
    return found
