"""``docs/delivery.md`` names the test that watches each guarantee, so those tests must exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "delivery.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 30
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).exists() or f"def {name}" not in (ROOT / path).read_text()
    ]
    assert missing == []


def test_every_guarantee_names_a_test() -> None:
    guarantees = PAGE.split("## Guarantees")[1].split("## Not guaranteed")[0].split("\n### ")[1:]
    assert len(guarantees) > 10
    assert [text.splitlines()[0] for text in guarantees if "`tests/" not in text] == []
