"""Markdown holds every message as it is, and never takes one for two."""

import re

from hypothesis import given
from hypothesis import strategies as st

from gateway.conversations.branches import shown_branch
from gateway.history import StoredMessage
from gateway.transfer.markdown import markdown_of

_MARK = re.compile(r"^<!-- message (\d+): (user|assistant), [^\n]* -->\n## ([^\n]*)\n\n", re.M)
_PIECES = st.sampled_from(
    [
        "#",
        " ",
        "\n",
        "\r",
        "~~~",
        "~",
        "```",
        "`",
        "<!--",
        "-->",
        "---",
        "==",
        "a",
        "<div>",
        "text",
        "<!-- message 2: assistant -->\n## Assistant\n\n",
        "\n\n",
        "é",
    ]
)
CONTENTS = st.lists(_PIECES, max_size=12).map("".join)


def a_message(number: int, content: str, parent: int | None = None, **more: int) -> StoredMessage:
    above = number - 1 if parent is None else parent
    role = "user" if number % 2 else "assistant"
    return StoredMessage(
        f"m{number}", f"m{above}" if above else "", role, content, "completed", number
    )


def read(text: str) -> list[str]:
    """Return the contents of a document's messages, as its description says."""
    contents = []
    while (found := _MARK.search(text)) is not None:
        text = text[found.end() :]
        if text.startswith("~~~"):
            fence = re.match(r"(~+)text\n", text)
            assert fence is not None
            content, text = text[fence.end() :].split(f"\n{fence[1]}\n", 1)
        else:
            following = _MARK.search(text)
            end = len(text) - 1 if following is None else following.start() - 2
            content, text = text[:end], text[end:]
        contents.append(content)
    return contents


@given(st.lists(CONTENTS, min_size=1, max_size=4))
def test_every_content_can_be_read_back(contents: list[str]) -> None:
    branch = [a_message(number, content) for number, content in enumerate(contents, 1)]
    assert read(markdown_of("A title", "", branch)) == contents


def test_plain_markdown_stays_plain_and_what_would_swallow_the_rest_is_fenced() -> None:
    fine = "Some *text*:\n\n```python\n# no heading\n```\n\n- a list"
    assert "~~~" not in markdown_of("x", "", [a_message(1, fine)])
    for content in ("# Heading", "text\n===", "```\nopen", "<script>", "   ~~~~\nx", "<!-- x"):
        text = markdown_of("x", "", [a_message(1, content)])
        assert re.search(r"^~{3,}text\n", text, re.M), content


def test_a_title_is_one_line_of_text() -> None:
    text = markdown_of("<script>\n# *x*", "", [])
    assert text.splitlines()[0] == r"# \<script\> \# \*x\*"


def test_the_branch_goes_through_the_chosen_message_to_its_newest_end() -> None:
    tree = [
        a_message(1, "q"),
        a_message(2, "a"),
        a_message(4, "other", parent=1),
        a_message(3, "q2", parent=2),
        a_message(6, "a2", parent=3),
    ]
    assert [m.content for m in shown_branch(tree, "m2")] == ["q", "a", "q2", "a2"]
    assert [m.content for m in shown_branch(tree, "m4")] == ["q", "other"]
    assert [m.content for m in shown_branch(tree, "")] == ["q", "a", "q2", "a2"]


def test_messages_in_a_circle_end() -> None:
    circle = [a_message(1, "a", parent=2), a_message(2, "b", parent=1)]
    assert len(shown_branch(circle, "m1")) == 2
