"""axe, the checker of accessibility, in a page; it comes with the web client's packages."""

from typing import Final

from playwright.sync_api import Page

from compose.web_client import CLIENT

_AXE: Final = CLIENT / "node_modules" / "axe-core" / "axe.min.js"
_TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN: Final = """async (tags) => {
  const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ['violations'] })
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target} ${failureSummary}`))
}"""


def findings(page: Page) -> list[str]:
    """Return what axe finds, one line a place."""
    # The debugger's way in: the page's policy lets no foreign script in, and shall not.
    page.evaluate(_AXE.read_text())
    found: list[str] = page.evaluate(_RUN, _TAGS)
    return found
