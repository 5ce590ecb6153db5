"""``docs/flow.md`` is the ground truth for readers of the code, so its examples must be true."""

import re
from pathlib import Path

import orjson

from schemas.fold import fold_all
from schemas.frames import Frame, decode_frame, encode_frame

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "flow.md").read_text(encoding="utf-8")


def frames_of_the_page() -> list[Frame]:
    return [
        decode_frame(line.encode()) for line in PAGE.splitlines() if line.startswith('{"kind":')
    ]


def test_the_frames_of_the_page_are_written_as_the_code_writes_them() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith('{"kind":')]
    assert lines
    assert [encode_frame(decode_frame(line.encode())).decode() for line in lines] == lines


def test_the_frames_of_the_page_are_one_finished_reply() -> None:
    folded = fold_all(frames_of_the_page())
    assert folded.text == "The🌊 sea"
    assert folded.end is not None
    assert folded.end.status == "completed"


def test_every_other_json_example_parses() -> None:
    blocks = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    for line in (line for block in blocks for line in block.splitlines()):
        assert isinstance(orjson.loads(line), dict)


def test_every_module_and_page_that_is_named_exists() -> None:
    modules = re.findall(r"`((?:gateway|workers|analytics|schemas)/[\w/]+\.py)`", PAGE)
    pages = re.findall(r"\]\(([\w/.-]+\.md)\)", PAGE)
    assert modules
    assert pages
    assert [path for path in modules if not (ROOT / path).exists()] == []
    assert [path for path in pages if not (ROOT / "docs" / path).exists()] == []
