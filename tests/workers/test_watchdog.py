"""The watchdog: an engine that is dead, stuck, busy or idle."""

import asyncio

import pytest

from workers.engines.scripted_engine import ScriptedEngine
from workers.errors import EngineDied, EngineStuck
from workers.watchdog import Watchdog


class DeadEngine(ScriptedEngine):
    """An engine whose process is gone."""

    async def check(self) -> None:
        raise EngineDied


def watchdog(engine: ScriptedEngine, *, running: int, tokens: list[int]) -> Watchdog:
    """Watch an engine that makes the given numbers of tokens, then no more."""
    seen = iter(tokens)
    made = 0

    def progress() -> int:
        nonlocal made
        made += next(seen, 0)
        return made

    return Watchdog(engine, 0.5, running=lambda: running, progress=progress)


async def test_a_dead_engine_is_noticed() -> None:
    with pytest.raises(EngineDied):
        await asyncio.wait_for(watchdog(DeadEngine(1), running=0, tokens=[]).run(), 5)


async def test_an_engine_that_makes_no_token_for_a_running_reply_is_stuck() -> None:
    with pytest.raises(EngineStuck):
        await asyncio.wait_for(watchdog(ScriptedEngine(1), running=1, tokens=[]).run(), 5)


async def test_an_idle_engine_may_be_silent() -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(watchdog(ScriptedEngine(1), running=0, tokens=[]).run(), 2.5)


async def test_an_engine_that_makes_tokens_is_well() -> None:
    watched = watchdog(ScriptedEngine(1), running=1, tokens=[1] * 20)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(watched.run(), 2.5)
