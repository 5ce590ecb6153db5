"""Kill a worker with real vLLM at a random token; the greedy text must be the undisturbed one."""

import asyncio
from itertools import cycle

from schemas.broker import connect, disconnect
from schemas.frames import Attempt
from schemas.reply_log import ReplyLog
from tests.bench.faults.client import Client
from tests.bench.faults.prompts import Expected, Prompt
from tests.bench.faults.reading import Reading
from tests.bench.faults.round import Fault, Round
from tests.bench.faults.stack import Stack, StackPlan
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
# Later than this in an answer, the kill may come after its end.
_LATEST = 0.9


async def strike(current: Round) -> list[Reply]:
    """Ask everything in peace, then all at once with a kill in the middle of one of the answers."""
    stack, rng = current.stack, current.rng
    for worker in stack.workers:
        await stack.any_ready([worker], rng)
    prompts = [await _undisturbed(current.client, *asked) for asked in _ASKED]
    waiting = cycle(prompts)
    traffic = Traffic(current.client, rng, lambda: next(waiting))
    broker = await connect(stack.broker.url, "fault-run-vllm-kill")
    try:
        log = await ReplyLog.open(broker)
        async with traffic.run_at_once(max(current.options.replies, len(prompts))):
            victim = await _reply_to(traffic, rng.choice(prompts))
            await _kill_in_the_middle(stack, log, victim, rng.uniform(0, _LATEST))
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


async def _reply_to(traffic: Traffic, prompt: Prompt) -> Reply:
    """Return the first reply to a prompt, once it has begun."""
    while True:
        for reply in traffic.replies:
            if reply.prompt is prompt and reply.reading.texts:
                return reply
        await asyncio.sleep(_POLL_S)


async def _kill_in_the_middle(stack: Stack, log: ReplyLog, reply: Reply, share: float) -> None:
    """Kill the worker of a reply once its reader has seen this share of the answer."""
    frames = [item.frame for item in await log.read(reply.reply_id)]
    # The log names the worker that began it, and that its process.
    began = next(frame for frame in frames if isinstance(frame, Attempt))
    pid = int(began.worker.split("-")[-2])
    enough = share * len(reply.prompt.expected.text)
    while len(reply.reading.text) <= enough and reply.reading.done is None:  # noqa: ASYNC110
        await asyncio.sleep(_POLL_S)
    [worker] = (worker for worker in stack.workers if worker.pid == pid)
    await worker.kill()
    worker.start_soon()


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
