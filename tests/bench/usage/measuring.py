"""Time how long an ended reply takes to be in the history, in the usage, and in the roll-ups."""

import asyncio
import time
from collections import deque

from nats.aio.client import Client

from analytics.store_client import Collection, Store
from schemas.documents import CHAT_DATABASE, MESSAGES, USAGE, USAGE_DATABASE, USAGE_TOTALS
from schemas.events import PromptSubmitted
from schemas.histogram import histogram_of
from schemas.ids import new_ulid, new_user_id
from tests.analytics.consumer_process import publish
from tests.analytics.replies import end_of, prompt_of
from tests.bench.history.measuring import Lags, Times, times_of

_POLL_S = 0.05
# One in five is looked for, so that looking is no load of its own.
_SAMPLED = 5
_MODEL = "bench"
_TIMES = histogram_of([12.0] * 60 + [18.0] * 20 + [40.0])


async def consumer_lags(
    broker: Client, store: Store, replies_per_s: int, seconds: int
) -> tuple[Times, Times]:
    """Publish turns of a second at a rate, ten in a conversation; return history's and usage's.

    From the acknowledgement of a reply's end on.
    """
    history = Lags(store[CHAT_DATABASE][MESSAGES], "status", "pending")
    usage = Lags(store[USAGE_DATABASE][USAGE], "status", "")
    ended = asyncio.Event()
    watching = [asyncio.create_task(lags.watch(ended)) for lags in (history, usage)]
    running: deque[PromptSubmitted] = deque()
    conversations: list[tuple[str, str]] = []
    began = time.perf_counter()
    for number in range(replies_per_s * seconds):
        await asyncio.sleep(max(0.0, began + number / replies_per_s - time.perf_counter()))
        if number % (10 * replies_per_s) == 0:
            conversations = [(new_user_id(), new_ulid()) for _ in range(replies_per_s)]
        user_id, conversation_id = conversations[number % replies_per_s]
        now_ms = time.time_ns() // 1_000_000
        running.append(
            prompt_of(
                user_id,
                conversation_id=conversation_id,
                model=_MODEL,
                submitted_at_ms=now_ms,
            )
        )
        await publish(broker, running[-1])
        if len(running) > replies_per_s:
            prompt = running.popleft()
            finished = {"finished_at_ms": now_ms, "inter_token_ms": _TIMES}
            await publish(broker, end_of(prompt, **finished))
            if number % _SAMPLED == 0:
                history.expect(prompt.assistant_message_id)
                usage.expect(prompt.reply_id)
    ended.set()
    await asyncio.gather(*watching)
    return history.times, usage.times


async def rollup_lag(broker: Client, store: Store, times: int) -> Times:
    """Time from an end's acknowledgement until everybody's roll-up has counted it."""
    totals = store[USAGE_DATABASE][USAGE_TOTALS]
    seconds: list[float] = []
    for _ in range(times):
        model = f"bench-{new_ulid()}"
        end = end_of(prompt_of(model=model), finished_at_ms=time.time_ns() // 1_000_000)
        await publish(broker, end)
        began = time.perf_counter()
        await _until_counted(totals, model)
        seconds.append(time.perf_counter() - began)
    return times_of(seconds)


async def _until_counted(totals: Collection, model: str) -> None:
    while not await totals.find({"model": model}).to_list():  # noqa: ASYNC110 - it is another's
        await asyncio.sleep(_POLL_S)
