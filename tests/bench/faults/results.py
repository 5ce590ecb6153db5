"""Keep one line of JSON a round, so that an interrupted run goes on, and add the rounds up."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct


class RoundResult(Struct, omit_defaults=True):
    """What one round did and found. Latencies are milliseconds; complaints are the evidence."""

    fault: str
    seed: str
    injected: int = 0
    replies: int = 0
    tokens: int = 0
    lost: int = 0
    repeated: int = 0
    hung: int = 0
    double_counted: int = 0
    seconds: float = 0.0
    latencies_ms: list[float] = []
    complaints: list[str] = []
    notes: dict[str, float] = {}

    @property
    def clean(self) -> bool:
        """Whether nothing at all was wrong."""
        wrong = self.lost + self.repeated + self.hung + self.double_counted
        return wrong == 0 and not self.complaints


class ResultFile:
    """The rounds of every run so far."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "rounds.jsonl"

    def append(self, result: RoundResult) -> None:
        """Add a round; one write, so that an interruption leaves whole lines."""
        with self.path.open("ab", buffering=0) as file:
            file.write(msgspec.json.encode(result) + b"\n")

    def rounds(self, fault: str) -> list[RoundResult]:
        """Return every round of one fault."""
        if not self.path.exists():
            return []
        lines = self.path.read_bytes().splitlines()
        every = (msgspec.json.decode(line, type=RoundResult) for line in lines)
        return [result for result in every if result.fault == fault]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


HEAD = (
    "| fault | injected | replies | tokens | lost | repeated | hung | double-counted "
    "| other complaints | latency, ms: p50 / p99 / max |\n"
    "| :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | :--- |"
)


def row(what: str, latency: str, rounds: Sequence[RoundResult]) -> str:
    """Return a fault's line of the table: the sum of all rounds."""
    latencies = [value for result in rounds for value in result.latencies_ms]
    sums = (
        sum(getattr(result, name) for result in rounds)
        for name in ("injected", "replies", "tokens", "lost", "repeated", "hung", "double_counted")
    )
    complaints = sum(len(result.complaints) for result in rounds)
    cells = [what, *(f"{value:,}" for value in (*sums, complaints))]
    return f"| {' | '.join(cells)} | {_latencies(latency, latencies)} |"


def _latencies(latency: str, values: Sequence[float]) -> str:
    if not values:
        return "-"
    figures = (percentile(values, 0.5), percentile(values, 0.99), max(values))
    return f"{latency}: {' / '.join(f'{value:,.0f}' for value in figures)}"
