"""Kill a worker with real vLLM at a random token; the greedy text must be the undisturbed one."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from itertools import cycle

from schemas.broker import connect, disconnect
from schemas.frames import Attempt
from schemas.reply_log import ReplyLog
from tests.bench.faults.client import Client
from tests.bench.faults.prompts import Expected, Prompt
from tests.bench.faults.reading import Reading
from tests.bench.faults.round import Fault, Round
from tests.bench.faults.stack import StackPlan
from tests.bench.faults.traffic import Reply, Traffic

# Long answers, answers with emoji (several tokens each), and stop strings: one that nearly comes
# and one that comes and ends within a word.
_ASKED: tuple[tuple[str, list[str]], ...] = (
    ("Tell me a story", []),
    ("Tell me a story", ["exactly where it wouldn", "drops, in the ord"]),
    ("How does Rivulet work?", []),
    ("How does Rivulet work?", ["reader can come bath", "from its curs"]),
    ("How do I make tea?", []),
    ("How do I make tea?", ["🍵"]),
    ("Send me an emoji", []),
    ("Tell me something with an emoji 🌊 héllo 👨‍👩‍👧", []),
)
_POLL_S = 0.001
# A short answer may be over before its worker is known.
_LONG_TOKENS = 60
# Later than this in an answer, the kill may come after its end.
_LATEST = 0.9


async def strike(current: Round) -> list[Reply]:
    """Kill one of the workers in the middle of an answer, and start it again."""
    stack, rng = current.stack, current.rng
    for worker in stack.workers:
        await stack.any_ready([worker], rng)
    victim = rng.choice(stack.workers)

    async def kill() -> None:
        await victim.kill()
        victim.start_soon()

    return await ask_and_kill(current, victim.pid, kill)


async def ask_and_kill(
    current: Round, pid: int, kill: Callable[[], Awaitable[None]]
) -> list[Reply]:
    """Ask everything in peace, then all at once, with a kill in the middle of one of the answers.

    ``pid`` is the process of the worker that ``kill`` kills.
    """
    rng = current.rng
    prompts = await asyncio.gather(*(_undisturbed(current.client, *asked) for asked in _ASKED))
    waiting = cycle(prompts)
    traffic = Traffic(current.client, rng, lambda: next(waiting))
    broker = await connect(current.stack.broker_url, "fault-run-vllm-kill")
    try:
        log = await ReplyLog.open(broker)
        async with traffic.run_at_once(max(current.options.replies, len(prompts))):
            await _until_in_the_middle(await _long_reply_of(pid, traffic, log), rng)
            await kill()
    finally:
        await disconnect(broker)
    # A kill that came after every end struck nothing.
    taken_over = [reply for reply in traffic.replies if reply.reading.attempts]
    current.result.injected = int(bool(taken_over))
    current.result.notes["replies_taken_over"] = len(taken_over)
    current.note_takeovers(traffic)
    return traffic.replies


async def _undisturbed(client: Client, content: str, stop: list[str]) -> Prompt:
    params = {"temperature": 0.0, "max_tokens": 400, "stop": stop}
    reading = Reading(await client.ask(content, params))
    await client.read(reading)
    assert reading.done is not None
    tokens = reading.done["usage"]["completion_tokens"]
    return Prompt(content, Expected(reading.text, tokens), params)


async def _long_reply_of(pid: int, traffic: Traffic, log: ReplyLog) -> Reply:
    """Return a reply with a long answer that this worker has begun."""
    while True:
        for reply in traffic.replies:
            long = reply.prompt.expected.tokens >= _LONG_TOKENS
            if long and reply.running and await _worker_of(reply, log) == pid:
                return reply
        await asyncio.sleep(_POLL_S)


async def _worker_of(reply: Reply, log: ReplyLog) -> int:
    """Return the process that began a reply: the log names its worker, and that its process."""
    frames = [item.frame for item in await log.read(reply.reply_id)]
    began = next(frame for frame in frames if isinstance(frame, Attempt))
    return int(began.worker.split("-")[-2])


async def _until_in_the_middle(reply: Reply, rng: random.Random) -> None:
    """Return once the reader has seen a random share of the answer."""
    enough = rng.uniform(0, _LATEST) * len(reply.prompt.expected.text)
    while len(reply.reading.text) <= enough and reply.reading.done is None:  # noqa: ASYNC110
        await asyncio.sleep(_POLL_S)


FAULT = Fault(
    name="vllm-kill",
    what="kill -9 of a worker with vLLM",
    count=30,
    # The next one is possible when the model is loaded again.
    per_round=1,
    rate=1.0,
    strike=strike,
    latency="pause of a reply that was taken over",
    plan=StackPlan(workers=2, engine="vllm"),
)
