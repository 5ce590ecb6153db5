"""Ten of each fault: nothing is lost, repeated, hung or counted twice.

The same rounds as ``make bench-faults``, smaller, some of them at the same time. What they measure
is not asserted here: it belongs to a machine that does nothing else. The kill of a worker with real
vLLM is in ``test_the_spine.py``, where two have loaded their models anyhow.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from tests.bench.faults.catalogue import FAULTS
from tests.bench.faults.results import RoundResult
from tests.bench.faults.round import Options, run_round
from tests.bench.faults.stack import Stack, StackPlan

pytestmark = pytest.mark.asyncio(loop_scope="module")

# A takeover must not take half of the test. It exceeds what a worker needs to keep its prompts:
# 0.3 times as much between two notices, and a second that the broker rounds.
_ACK_WAIT_S = 2.0
_REPLIES = 16


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Four workers and three gateways, of which one is ready while two are started again."""
    plan = StackPlan(gateways=3, ack_wait_s=_ACK_WAIT_S, tokens_per_s=60)
    async with Stack(tmp_path_factory.mktemp("faults"), plan) as stack:
        yield stack


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def dropping_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Workers whose deltas are dropped at random."""
    plan = replace(FAULTS["dropped-deltas"].plan, workers=2, gateways=1)
    async with Stack(tmp_path_factory.mktemp("dropped"), plan) as stack:
        yield stack


async def strike(name: str, stack: Stack, injections: int, rate: float = 1.0) -> RoundResult:
    """Run a round; every reader must have seen every token once, and the stack have kept that."""
    result = await run_round(FAULTS[name], stack, Options(injections, rate, _REPLIES, "test"))
    assert result.clean, "\n".join(result.complaints)
    assert result.replies >= _REPLIES
    return result


async def test_ten_kills_each_of_workers_gateways_and_broker_in_the_same_seconds(
    stack: Stack,
) -> None:
    async with asyncio.TaskGroup() as rounds:
        rounds.create_task(strike("worker-kill", stack, 10, rate=1.5))
        rounds.create_task(strike("gateway-kill", stack, 10, rate=1.5))
        rounds.create_task(strike("broker-kill", stack, 10, rate=1.2))


async def test_ten_cancels_among_kills_pauses_and_restarts_have_one_result_each(
    stack: Stack,
) -> None:
    result = await strike("cancel", stack, 10, rate=3.0)
    assert {"kill", "pause", "restart"} <= result.notes.keys()
    assert result.notes["ended_cancelled"] > 0


async def test_ten_drains_hand_over_every_running_reply(stack: Stack) -> None:
    result = await strike("drain", stack, 10, rate=10.0)
    assert result.notes["handed_over"] >= 10


async def test_ten_cancels_at_64_replies_free_their_slots_while_ten_readers_resume(
    stack: Stack,
) -> None:
    async with asyncio.TaskGroup() as rounds:
        rounds.create_task(strike("cancel-64", stack, 10, rate=5.0))
        rounds.create_task(strike("resume", stack, 10, rate=5.0))


async def test_ten_deltas_dropped_without_an_error_are_repaired(dropping_stack: Stack) -> None:
    await strike("dropped-deltas", dropping_stack, 10)


async def test_a_burst_beyond_the_ingest_limit_loses_nothing(dropping_stack: Stack) -> None:
    result = await strike("burst", dropping_stack, 10_000)
    assert result.notes["flood_frames_dropped_by_the_broker"] > 0
