"""Ten of each fault: nothing is lost, repeated, hung or counted twice.

The same rounds as ``make bench-faults``, smaller, some of them at the same time. What they measure
is not asserted here: it belongs to a machine that does nothing else.
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
    """Four workers and two gateways."""
    plan = StackPlan(ack_wait_s=_ACK_WAIT_S, tokens_per_s=100)
    async with Stack(tmp_path_factory.mktemp("faults"), plan) as stack:
        yield stack


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def dropping_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Workers whose deltas are dropped at random."""
    plan = replace(FAULTS["dropped-deltas"].plan, workers=2, gateways=1)
    async with Stack(tmp_path_factory.mktemp("dropped"), plan) as stack:
        yield stack


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def vllm_stack(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[asyncio.Future[Stack]]:
    """Two workers with real vLLM, which load their models while the other tests run."""
    folder, over = tmp_path_factory.mktemp("vllm"), asyncio.Event()
    ready: asyncio.Future[Stack] = asyncio.get_running_loop().create_future()

    async def run() -> None:
        async with Stack(folder, replace(FAULTS["vllm-kill"].plan, gateways=1)) as stack:
            ready.set_result(stack)
            await over.wait()

    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(run())
        yield ready
        over.set()
        if not ready.done():
            running.cancel()


async def strike(name: str, stack: Stack, injections: int, rate: float = 1.0) -> RoundResult:
    """Run a round; every reader must have seen every token once, and the stack have kept that."""
    result = await run_round(FAULTS[name], stack, Options(injections, rate, _REPLIES, "test"))
    assert result.clean, result
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
    await strike("cancel", stack, 10, rate=3.0)


async def test_ten_drains_hand_over_every_running_reply(stack: Stack) -> None:
    await strike("drain", stack, 10, rate=10.0)


async def test_ten_cancels_at_64_running_replies_free_their_slots(stack: Stack) -> None:
    await strike("cancel-64", stack, 10, rate=10.0)


async def test_ten_resumes_at_random_cursors_equal_an_unbroken_read(stack: Stack) -> None:
    await strike("resume", stack, 10, rate=10.0)


async def test_ten_deltas_dropped_without_an_error_are_repaired(dropping_stack: Stack) -> None:
    await strike("dropped-deltas", dropping_stack, 10)


async def test_a_burst_beyond_the_ingest_limit_loses_nothing(dropping_stack: Stack) -> None:
    result = await strike("burst", dropping_stack, 10_000)
    assert result.notes["flood_frames_dropped_by_the_broker"] > 0


async def test_with_vllm_a_killed_worker_s_answers_go_on_as_if_undisturbed(
    vllm_stack: asyncio.Future[Stack],
) -> None:
    # One kill, as each costs the loading of a model; it meets several replies.
    result = await strike("vllm-kill", await vllm_stack, 1)
    assert result.notes["replies_taken_over"] > 0
