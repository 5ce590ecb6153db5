"""Compare what readers saw with what the engine must say. Pure: it knows the client side only."""

import difflib
import re
from itertools import accumulate
from typing import NamedTuple

from tests.bench.faults.prompts import Expected
from tests.bench.faults.reading import Reading

# Near enough to a token to count by, for any engine: a word or a run of signs with the space before
# it, and full stops and commas apart.
_WORD = re.compile(r" ?\w+|[,.]| ?[^\w\s,.]+|\s")


class Verdict(NamedTuple):
    """What one reader got. ``tokens`` counts those of the text that it saw."""

    tokens: int
    lost: int = 0
    repeated: int = 0
    hung: int = 0
    complaints: tuple[str, ...] = ()


def judge(reading: Reading, expected: Expected, *, cancelled: bool = False) -> Verdict:
    """Judge a reader from the start of a reply; ``cancelled``: somebody asked for that."""
    complaints = list(reading.complaints)
    status = None if reading.done is None else reading.done["status"]
    if status == "cancelled" and cancelled:
        wanted, tokens = _cut(expected, reading.text)
    else:
        wanted, tokens = expected.text, expected.tokens
    lost, repeated = difference(wanted, reading.text) if status is not None else (0, 0)
    if status is None:
        complaints.append(f"hung after {len(reading.texts)} deltas at {reading.cursor}")
        tokens = 0
    elif status != "completed" and not (status == "cancelled" and cancelled):
        complaints.append(f"ended {reading.done}")
    elif reading.done is not None and _completion_tokens(reading.done) != tokens:
        complaints.append(f"{tokens} tokens seen, the end says {reading.done['usage']}")
    return Verdict(tokens, lost, repeated, int(status is None), tuple(complaints))


def difference(wanted: str, seen: str) -> tuple[int, int]:
    """Return how many words of ``wanted`` are missing and how many of ``seen`` are too many."""
    if wanted == seen:
        return 0, 0
    wanted_words, seen_words = _WORD.findall(wanted), _WORD.findall(seen)
    matcher = difflib.SequenceMatcher(None, wanted_words, seen_words, autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    # A difference within a word must not look like none.
    lost, repeated = len(wanted_words) - same, len(seen_words) - same
    return (lost, repeated) if lost or repeated else (1, 1)


def _cut(expected: Expected, seen: str) -> tuple[str, int]:
    """Return the answer as far as whole tokens can have been seen, and their number."""
    ends = [0, *accumulate(len(piece) for piece in expected.pieces)]
    tokens = max(index for index, end in enumerate(ends) if end <= len(seen))
    return expected.text[: ends[tokens]], tokens


def _completion_tokens(done: dict[str, object]) -> object:
    usage = done.get("usage")
    return usage.get("completion_tokens") if isinstance(usage, dict) else None
