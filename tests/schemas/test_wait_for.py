"""A cancellation is never lost to a result that comes in the same moment."""

import asyncio
import subprocess
import sys

import pytest

SERVICES = ("gateway", "workers", "analytics", "compose")


async def test_a_cancellation_is_seen_though_the_result_is_there() -> None:
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(asyncio.wait_for(answer, 10))
    await asyncio.sleep(0)
    answer.set_result("there")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_the_wait_ends_with_its_result_its_failure_or_its_time() -> None:
    async def fail() -> None:
        raise ValueError

    assert await asyncio.wait_for(asyncio.sleep(0, "there"), 10) == "there"
    assert await asyncio.wait_for(asyncio.sleep(0.01, "there"), None) == "there"
    with pytest.raises(ValueError):
        await asyncio.wait_for(fail(), 10)
    for timeout in (0.01, 0, -1):
        late: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(late, timeout)
        assert late.cancelled()
    there: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    there.set_result("there")
    assert await asyncio.wait_for(there, 0) == "there"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_mends_it_before_a_library_takes_its_own(service: str) -> None:
    script = f"""
import asyncio, sys
import {service}
assert not [name for name in ("nats", "pymongo", "sanic", "faststream") if name in sys.modules]
if sys.version_info < (3, 12):
    assert asyncio.wait_for.__module__ == asyncio.tasks.wait_for.__module__ == "schemas.wait_for"
"""
    subprocess.run([sys.executable, "-c", script], check=True)
