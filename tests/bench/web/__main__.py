"""Print the table; see the package."""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser

from compose.install import Environment
from compose.web_client import ensure_built
from tests.bench.web.first_visit import first_load_kb
from tests.bench.web.long_conversation import measure_conversation
from tests.bench.web.long_reply import TOKENS_PER_S, measure_reply
from tests.support.stack_process import StackProcess
from tests.web.browser import Visitors, started_browser


class Line(NamedTuple):
    """One line of the table; ``most`` and ``least`` are its bounds."""

    what: str
    value: float
    unit: str
    most: float = float("inf")
    least: float = 0.0

    @property
    def kept(self) -> bool:
        return self.least <= self.value <= self.most

    @property
    def bound(self) -> str:
        return f"at most {self.most:g}" if self.least == 0 else f"at least {self.least:g}"


def main() -> int:
    """Measure and print; returns 1 when a bound is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.web", description=__doc__)
    parser.add_argument("--tokens", type=int, default=20_000)
    parser.add_argument("--messages", type=int, default=1_000)
    arguments = parser.parse_args()
    ensure_built(Environment(Path(sys.prefix)))
    lines = [Line("JavaScript of a first visit, gzip", first_load_kb(), "KB", most=250)]
    with tempfile.TemporaryDirectory(prefix="rivulet-web-") as folder:
        stack = StackProcess(
            Path(folder) / "data",
            ENGINE="scripted",
            SCRIPTED_TOKENS_PER_S=str(TOKENS_PER_S),
            REGISTRATION="open",
        ).start()
        try:
            with started_browser() as browser:
                lines += _measured(browser, stack.url, arguments.tokens, arguments.messages)
        finally:
            stack.stop()
    _print(lines)
    return 0 if all(line.kept for line in lines) else 1


def _measured(browser: Browser, url: str, tokens: int, messages: int) -> list[Line]:
    visitors = Visitors(browser, url)
    long = measure_conversation(visitors, messages)
    reply = measure_reply(visitors, tokens)
    visitors.close()
    paced = f"a reply of {tokens} tokens at {TOKENS_PER_S} tokens/s"
    # The text is about 5 bytes a token; twice as much text may need twice as much, not four times.
    return [
        Line(
            f"{paced}: longest task after the first second", reply.longest_task_ms, "ms", most=100
        ),
        Line(f"{paced}: heap growth, second half to first", reply.growth_ratio, "times", most=2),
        Line(f"{paced}: heap growth", reply.growth_mb, "MB", most=60),
        Line(f"{paced}: the page behind the store at its end", reply.behind_s, "s", most=2),
        Line(f"a conversation of {messages} messages: to open", long.open_ms, "ms", most=1_000),
        Line("the same: frames/s while scrolling", long.frames_per_s, "frames/s", least=50),
    ]


def _print(lines: list[Line]) -> None:
    print("| what | measured | bound | |")
    print("| --- | ---: | ---: | --- |")
    for line in lines:
        verdict = "kept" if line.kept else "NOT KEPT"
        print(f"| {line.what} | {line.value:.1f} {line.unit} | {line.bound} | {verdict} |")


if __name__ == "__main__":
    sys.exit(main())
