"""Items that are done together."""

import asyncio
from collections.abc import Sequence

import pytest

from analytics.errors import NotStorable, StoreUnavailable
from analytics.grouping import Grouping


class Work:
    """Doubles numbers; notes its groups, and waits until it may go on."""

    def __init__(self, *, held: bool = False) -> None:
        self.groups: list[list[int]] = []
        self.may_go_on = asyncio.Event()
        if not held:
            self.may_go_on.set()

    async def __call__(self, items: Sequence[int]) -> Sequence[int]:
        self.groups.append(list(items))
        await self.may_go_on.wait()
        if 13 in items:
            raise NotStorable("13")
        if 99 in items:
            raise StoreUnavailable("away")
        return [2 * item for item in items]


async def test_what_comes_while_a_group_is_under_way_is_the_next_group() -> None:
    work = Work(held=True)
    grouping = Grouping(work)
    first = asyncio.create_task(grouping.add(1))
    await asyncio.sleep(0.01)
    rest = [asyncio.create_task(grouping.add(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0.01)
    assert work.groups == [[1]]
    work.may_go_on.set()
    assert await asyncio.gather(first, *rest) == [2, 4, 6, 8]
    assert work.groups == [[1], [2, 3, 4]]


async def test_a_refused_item_refuses_no_other() -> None:
    grouping = Grouping(Work())
    results = await asyncio.gather(
        *(grouping.add(number) for number in (1, 13, 3)), return_exceptions=True
    )
    assert results[::2] == [2, 6]
    assert isinstance(results[1], NotStorable)


async def test_a_store_that_is_away_is_asked_once_for_all() -> None:
    work = Work()
    grouping = Grouping(work)
    for _ in range(2):
        results = await asyncio.gather(
            *(grouping.add(number) for number in (1, 99)), return_exceptions=True
        )
        assert all(isinstance(result, StoreUnavailable) for result in results)
    assert work.groups == [[1, 99], [1, 99]]


async def test_who_is_cancelled_leaves_the_others_alone() -> None:
    work = Work(held=True)
    grouping = Grouping(work)
    both = [asyncio.create_task(grouping.add(number)) for number in (1, 2)]
    await asyncio.sleep(0.01)
    both[0].cancel()
    work.may_go_on.set()
    assert await both[1] == 4
    with pytest.raises(asyncio.CancelledError):
        await both[0]
    assert await grouping.add(5) == 10
