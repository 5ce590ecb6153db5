"""What models write at their worst, as the answers of one conversation that is imported."""

from typing import Any

from playwright.sync_api import BrowserContext

from tests.web.browser import TIMEOUT_MS

# Each would say so in the page if it ran.
_HTML = """<script>window.ran = 'script'</script>
<img src=x onerror="window.ran = 'picture'"><svg onload="window.ran = 'svg'"></svg>
<iframe srcdoc="<script>parent.ran = 'frame'</script>"></iframe>
<style>* { display: none !important }</style><b style="position: fixed">bold</b>
<form action="https://elsewhere.example"><input name=password></form>"""
_LINKS = """[one](javascript:window.ran='link') [two](JaVaScRiPt:window.ran='case')
[three](data:text/html,<script>opener.ran='data'</script>) <javascript:window.ran='auto'>
[four](java&#115;cript:window.ran='entity') [five]( javascript:window.ran='space')
[six](vbscript:x) ![seven](https://elsewhere.example/?told) ![eight](javascript:window.ran='image')
[good](https://example.org/good)"""
_BROKEN = (
    """**bold *and __never `closed [link](
| a | b
|--|
| 1 | 2 | 3 |
> > > - 1. # * _
$$ \\frac{1}{ $ \\href{javascript:window.ran='formula'}{x} $
"""
    + "> " * 60
    + "deep\n"
    + "- " * 60
    + "deeper\n"
    + "[" * 300
    + "*" * 301
    + "_" * 299
)
_FENCE = "Look:\n\n```html\n<script>window.ran = 'fence'</script>\nnever closed"
_ONE_LINE = "word " * 209_000 + "the end of the line"

HOSTILE = {
    "html": _HTML,
    "links": _LINKS,
    "broken": _BROKEN,
    "one line": _ONE_LINE,
    "fence": _FENCE,
}


def import_answers(context: BrowserContext, url: str, title: str, answers: list[str]) -> None:
    """Store a conversation in which each answer follows a short question."""
    messages: list[dict[str, Any]] = []
    for index, answer in enumerate(answers):
        parent = f"m{2 * index - 1}" if index else None
        messages += [
            _message(2 * index, parent, "user", f"Question {index}"),
            _message(2 * index + 1, f"m{2 * index}", "assistant", answer),
        ]
    conversation = {
        "id": title,
        "title": title,
        "model": "rivulet-demo",
        "system": "",
        "sampling": {},
        "pinned": False,
        "archived": False,
        "created_at_ms": 1_700_000_000_000,
        "updated_at_ms": 1_700_000_000_000,
        "leaf_id": messages[-1]["id"],
        "messages": messages,
    }
    file = {"format": "rivulet.conversations", "version": 1, "conversations": [conversation]}
    cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    answer = context.request.post(
        f"{url}/api/import",
        data=file,
        headers={"X-CSRF-Token": cookies["rivulet_csrf"], "Origin": url},
        timeout=TIMEOUT_MS,
    )
    assert answer.ok, answer.text()
    assert answer.json()["messages"] == len(messages), answer.text()


def _message(number: int, parent: str | None, role: str, content: str) -> dict[str, Any]:
    return {
        "id": f"m{number}",
        "parent_id": parent,
        "role": role,
        "content": content,
        "model": "rivulet-demo",
        "status": "completed",
        "created_at_ms": 1_700_000_000_000 + number,
    }
