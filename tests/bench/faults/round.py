"""One round of one fault: replies run, the fault strikes, and every reader is judged."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from tests.bench.faults.checker import judge
from tests.bench.faults.client import Client
from tests.bench.faults.prompts import Prompt, scripted_prompt
from tests.bench.faults.results import RoundResult
from tests.bench.faults.stack import Stack, StackPlan
from tests.bench.faults.stored import compare, read_stored
from tests.bench.faults.traffic import Reply, Traffic

# Tokens of a reply: short enough to end, long enough to be struck in the middle.
_SHORTEST, _LONGEST = 60, 300


@dataclass(frozen=True)
class Options:
    """How much of a fault: ``injections`` in this round, ``rate`` a second, replies at once."""

    injections: int
    rate: float
    replies: int
    seed: str


class Round:
    """What a fault works with; it strikes and notes, the round judges."""

    def __init__(self, fault: "Fault", stack: Stack, options: Options) -> None:
        self.stack = stack
        self.options = options
        self.rng = random.Random(f"{fault.name} {options.seed}")
        self.client = Client(stack.ports, stack.api_key, self.rng)
        self.result = RoundResult(fault.name, options.seed)

    def traffic(
        self, shortest: int = _SHORTEST, longest: int = _LONGEST, readers: int = 1
    ) -> Traffic:
        """Return what keeps replies running, of so many tokens each."""

        def prompt() -> Prompt:
            return scripted_prompt(self.result.fault, self.rng, shortest, longest)

        return Traffic(self.client, self.rng, prompt, readers)

    async def beats(self) -> AsyncIterator[None]:
        """Yield once an injection, at the asked rate but never quite regularly.

        What has taken its time does not hurry the next one: without a moment of health in between
        two faults would be one.
        """
        for _ in range(self.options.injections):
            await asyncio.sleep(self.rng.uniform(0.5, 1.5) / self.options.rate)
            yield
            self.result.injected += 1

    def note_takeovers(self, traffic: Traffic) -> None:
        """Note the longest pause of every reply that a second worker went on with."""
        for reply in traffic.replies:
            if reply.reading.attempts:
                self.note_latency(reply.reading.longest_pause_s())

    def note_latency(self, seconds: float) -> None:
        """Note one measured latency."""
        self.result.latencies_ms.append(round(seconds * 1000, 1))

    async def judge(self, replies: list[Reply]) -> None:
        """Judge every reader from the start, and what the stack has kept."""
        result = self.result
        ended = [reply.reply_id for reply in replies if reply.reading.done is not None]
        stored = await read_stored(self.stack.broker_url, self.stack.store_url, ended)
        for reply in replies:
            result.replies += 1
            for reading in reply.readings:
                verdict = judge(reading, reply.prompt.expected, cancelled=reply.cancelled)
                result.lost += verdict.lost
                result.repeated += verdict.repeated
                result.hung += verdict.hung
                self.complain(reply, verdict.complaints)
            verdict = judge(reply.reading, reply.prompt.expected, cancelled=reply.cancelled)
            result.tokens += verdict.tokens
            if reply.reply_id in stored.missing:
                self.complain(reply, ["its message, usage or ReplyFinished is missing"])
            elif reply.reply_id in stored.replies:
                again, complaints = compare(reply.reading, verdict, stored.replies[reply.reply_id])
                result.double_counted += again
                self.complain(reply, complaints)

    def complain(self, reply: Reply, complaints: Iterable[str]) -> None:
        """Note what was wrong with a reply."""
        self.result.complaints += [f"{reply.reply_id}: {complaint}" for complaint in complaints]


@dataclass(frozen=True)
class Fault:
    """One kind of fault. ``count`` is the issue of a whole run, in units of ``what``.

    ``latency`` names what is measured, ``bound_ms`` is what 99 of 100 of those may take; ``strike``
    returns the replies to judge.
    """

    name: str
    what: str
    count: int
    per_round: int
    rate: float
    strike: Callable[[Round], Awaitable[list[Reply]]]
    latency: str = ""
    bound_ms: float | None = None
    plan: StackPlan = field(default_factory=StackPlan)


async def run_round(fault: Fault, stack: Stack, options: Options) -> RoundResult:
    """Run one round on a stack that is up; return what it found."""
    started = time.monotonic()
    current = Round(fault, stack, options)
    await current.judge(await fault.strike(current))
    current.result.seconds = round(time.monotonic() - started, 1)
    if current.client.refusals:
        current.result.notes["asked_to_retry"] = current.client.refusals
    return current.result
