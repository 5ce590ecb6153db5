"""Read the questions and answers that the demo model learns.

One JSON object a line: a title, a topic, several questions and the one answer
to all of them. A question may hold slots such as ``{country}``; the entry's
``fill`` lists what goes in. Slots exist for the questions that the model must
*not* pretend to answer: there the variety matters, not the words. ``share``
says how often an entry is drawn, next to 1 for the others: more for fallback
answers, which stand for an open world of questions, and for long recitals.
"""

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CORPUS_PATH = Path(__file__).with_name("corpus.jsonl")
SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Entry:
    """One answer, and the ways to ask for it."""

    topic: str
    title: str
    questions: tuple[str, ...]
    answer: str
    fill: dict[str, list[str]] = field(default_factory=dict)
    share: float = 1.0

    def ask(self, rng: random.Random) -> str:
        """Return one of the questions, its slots filled."""
        return self.filled(rng.choice(self.questions), rng)

    def filled(self, question: str, rng: random.Random) -> str:
        """Return ``question`` with a random word in each slot."""
        return SLOT.sub(lambda slot: rng.choice(self.fill[slot[1]]), question)


class CorpusError(ValueError):
    """The corpus contradicts itself."""


def load_corpus(path: Path = CORPUS_PATH) -> list[Entry]:
    """Return the entries of the corpus, checked for contradictions."""
    entries = [_entry(line) for line in path.read_text(encoding="utf-8").splitlines()]
    _refuse_contradictions(entries)
    return entries


def _entry(line: str) -> Entry:
    record = json.loads(line)
    return Entry(**{**record, "questions": tuple(record["questions"])})


def _refuse_contradictions(entries: Sequence[Entry]) -> None:
    """Raise when two entries answer the same question: no training could learn both."""
    owners: dict[str, str] = {}
    for entry in entries:
        for question in entry.questions:
            key = re.sub(r"[?!.,]", "", question.lower()).strip() or question
            if owners.setdefault(key, entry.title) != entry.title:
                raise CorpusError(f"{question!r}: both {owners[key]!r} and {entry.title!r}")


def every_question(entries: Sequence[Entry], rng: random.Random) -> Iterator[tuple[Entry, str]]:
    """Yield each written question once, slots filled at random."""
    for entry in entries:
        for question in entry.questions:
            yield entry, entry.filled(question, rng)


def every_text(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield all text of the corpus, for the tokenizer to learn from."""
    for entry in entries:
        yield entry.title
        yield entry.answer
        for question in entry.questions:
            yield SLOT.sub("", question)
            yield SLOT.sub("", question).lower()
        for words in entry.fill.values():
            yield from (f" {word}" for word in words)
