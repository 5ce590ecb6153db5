"""The start gate: who may be between marker and first token at the same time."""

import asyncio

import pytest

from workers.start_gate import StartGate


async def settle() -> None:
    """Let every task run that can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_replies_start_side_by_side_without_waiting() -> None:
    gate = StartGate()
    assert gate.enter_at_once("a")
    assert gate.enter_at_once("b")
    await gate.enter("c")


async def test_nobody_starts_while_a_suspect_is_tried() -> None:
    gate = StartGate()
    await gate.enter_alone("suspect")
    assert not gate.enter_at_once("a")
    waiting = asyncio.create_task(gate.enter("a"))
    await settle()
    assert not waiting.done()
    gate.leave("suspect")
    await waiting


async def test_a_suspect_waits_for_those_that_are_starting() -> None:
    gate = StartGate()
    gate.enter_at_once("a")
    gate.enter_at_once("b")
    trial = asyncio.create_task(gate.enter_alone("suspect"))
    await settle()
    gate.leave("a")
    await settle()
    assert not trial.done()
    gate.leave("b")
    await trial


async def test_nobody_starts_beside_those_that_a_suspect_waits_for() -> None:
    gate = StartGate()
    gate.enter_at_once("a")
    trial = asyncio.create_task(gate.enter_alone("suspect"))
    await settle()
    assert not gate.enter_at_once("b")
    gate.leave("a")
    await trial


async def test_a_suspect_waits_only_so_long_for_those_that_never_start() -> None:
    gate = StartGate(patience_s=0.05)
    gate.enter_at_once("stuck")
    await asyncio.wait_for(gate.enter_alone("suspect"), 5)


async def test_suspects_take_turns_and_others_pass_between_them() -> None:
    gate = StartGate()
    order: list[str] = []

    async def start(name: str, *, alone: bool) -> None:
        await (gate.enter_alone if alone else gate.enter)(name)
        order.append(name)

    await gate.enter_alone("first")
    tasks = [
        asyncio.create_task(start("second", alone=True)),
        asyncio.create_task(start("innocent", alone=False)),
        asyncio.create_task(start("third", alone=True)),
    ]
    for leaving in ("first", "second", "innocent"):
        await settle()
        gate.leave(leaving)
    await asyncio.wait_for(asyncio.gather(*tasks), 5)
    assert order == ["second", "innocent", "third"]


async def test_a_suspect_that_gives_up_waiting_blocks_nobody() -> None:
    gate = StartGate()
    gate.enter_at_once("a")
    trial = asyncio.create_task(gate.enter_alone("suspect"))
    await settle()
    trial.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trial
    gate.leave("suspect")
    assert gate.enter_at_once("b")


async def test_leaving_twice_or_without_having_started_is_harmless() -> None:
    gate = StartGate()
    await gate.enter_alone("suspect")
    gate.leave("somebody")
    assert not gate.enter_at_once("a")
    gate.leave("suspect")
    gate.leave("suspect")
    assert gate.enter_at_once("a")
