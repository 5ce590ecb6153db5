"""Judge from a reply's frames whether its prompt kills its workers. Pure.

A prompt may be near a death without being its cause, so one death only makes it a suspect: from
then on it is tried alone. Only deaths of such trials condemn it, or too many attempts without a
token. The rules and their reasons: "Poison" in ``docs/flow.md``.
"""

from collections.abc import Iterable
from typing import NamedTuple

from schemas.fold import FoldState, fold
from schemas.frames import Attempt, Frame, Note

# Starts of workers that died in a row while they tried the prompt alone. Two could be bad luck in a
# rolling restart; each one more costs a worker.
MAX_DEADLY_TRIALS = 3
# Attempts in a row that added nothing, whatever became of their workers: it leads nowhere.
MAX_FRUITLESS = 10


class Record(NamedTuple):
    """How the attempts went that began when the reply had its present length.

    ``fruitless`` counts them, but not those that were handed over. ``suspect``: one of them died,
    so the next is a trial. ``deadly_trials`` counts the starts of workers that died in trials,
    since one was last seen alive.
    """

    fruitless: int = 0
    suspect: bool = False
    deadly_trials: int = 0

    @property
    def verdict(self) -> str | None:
        """Why the prompt must not be tried again, or ``None``."""
        if self.deadly_trials >= MAX_DEADLY_TRIALS:
            return (
                f"{self.deadly_trials} workers in a row died when they ran this prompt alone; "
                "change the prompt."
            )
        if self.fruitless >= MAX_FRUITLESS:
            return (
                f"{self.fruitless} attempts in a row at this prompt came to nothing; "
                "send it again later."
            )
        return None


def record_of(frames: Iterable[Frame]) -> Record:
    """Read the record of a reply from the frames of its earlier attempts."""
    state = FoldState()
    fruitless: list[Attempt] = []
    notes: dict[int, set[str]] = {}
    for frame in frames:
        after = fold(state, frame).state
        if isinstance(frame, Note):
            notes.setdefault(frame.n, set()).add(frame.what)
        elif isinstance(frame, Attempt) and after.n != state.n:
            fruitless.append(frame)
        elif after.tokens > state.tokens:
            fruitless.clear()
        state = after
    return _judge([(attempt, notes.get(attempt.n, set())) for attempt in fruitless])


def _judge(fruitless: list[tuple[Attempt, set[str]]]) -> Record:
    counting = [(attempt, notes) for attempt, notes in fruitless if "handed_over" not in notes]
    dead_alone: set[str] = set()
    for attempt, notes in counting:
        if notes:
            dead_alone.clear()
        elif attempt.alone:
            dead_alone.add(attempt.worker)
    died = any(not notes for _, notes in counting)
    return Record(len(counting), died, len(dead_alone))
