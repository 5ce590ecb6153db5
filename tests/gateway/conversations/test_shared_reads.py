"""Reads that several share."""

import asyncio

import pytest

from gateway.conversations.shared_reads import SharedReads


class Reading:
    """A read that ends when it is let, and counts."""

    def __init__(self) -> None:
        self.begun = 0
        self.ends = asyncio.Semaphore(0)

    async def __call__(self) -> int:
        self.begun += 1
        number = self.begun
        await self.ends.acquire()
        return number


async def test_who_comes_while_a_read_runs_shares_the_next_one() -> None:
    reads, reading = SharedReads[int](), Reading()
    first = asyncio.create_task(reads.read("a", reading))
    await asyncio.sleep(0.01)
    later = [asyncio.create_task(reads.read("a", reading)) for _ in range(5)]
    await asyncio.sleep(0.01)
    assert reading.begun == 1
    reading.ends.release()
    assert await first == 1
    reading.ends.release()
    assert await asyncio.gather(*later) == [2] * 5
    reading.ends.release()
    assert await reads.read("a", reading) == 3


async def test_other_keys_wait_for_nobody() -> None:
    reads, slow, quick = SharedReads[int](), Reading(), Reading()
    waiting = asyncio.create_task(reads.read("a", slow))
    quick.ends.release()
    assert await reads.read("b", quick) == 1
    waiting.cancel()


async def test_who_hangs_up_ends_it_for_nobody_else() -> None:
    reads, reading = SharedReads[int](), Reading()
    both = [asyncio.create_task(reads.read("a", reading)) for _ in range(2)]
    await asyncio.sleep(0.01)
    both[0].cancel()
    reading.ends.release()
    assert await both[1] == 1


async def test_a_failure_is_everybodys_who_shares_it_and_nobodys_after() -> None:
    reads, reading = SharedReads[int](), Reading()

    async def fail() -> int:
        await reading()
        raise ConnectionError

    both = [asyncio.create_task(reads.read("a", fail)) for _ in range(2)]
    await asyncio.sleep(0.01)
    reading.ends.release()
    for one in both:
        with pytest.raises(ConnectionError):
            await one
    reading.ends.release()
    assert await reads.read("a", reading) == 2
