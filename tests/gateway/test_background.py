"""What a request has begun is finished without it."""

import asyncio

import pytest

from gateway.background import Background


async def test_work_goes_on_when_its_caller_is_cancelled() -> None:
    background, may_end, ended = Background(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await may_end.wait()
        ended.set()

    caller = asyncio.create_task(background.finish(work(), "work"))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    may_end.set()
    await asyncio.wait_for(ended.wait(), 5)


async def test_closing_waits_for_work_and_gives_up_on_what_takes_too_long() -> None:
    background, done = Background(), []

    async def work(wait_s: float) -> None:
        try:
            await asyncio.sleep(wait_s)
        except asyncio.CancelledError:
            done.append("given up")
            raise
        done.append("done")

    background.begin(work(0), "short")
    background.begin(work(3600), "long")
    await background.close(0.1)
    assert done == ["done", "given up"]


async def test_a_failure_reaches_the_caller() -> None:
    async def work() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await Background().finish(work(), "work")
