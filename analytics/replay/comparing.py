"""Compare a rebuilt projection with the live one, document by document.

Both sides are read in the order of their ids, one page at a time, so a million documents need no
more memory than a thousand.
"""

from collections.abc import AsyncIterator, Collection
from typing import Any, NamedTuple

from analytics.replay.erased import Erased
from analytics.replay.rebuild import RebuiltCollection, is_field
from analytics.store_client import Collection as Documents
from analytics.store_client import Document, store_errors

_PAGE = 1_000


class Difference(NamedTuple):
    """A document that is not the same on both sides; ``None`` where there is none."""

    collection: str
    key: str
    live: Document | None
    rebuilt: Document | None

    @property
    def fields(self) -> list[str]:
        """The names of the fields that differ."""
        live, rebuilt = self.live or {}, self.rebuilt or {}
        return sorted(
            name for name in {*live, *rebuilt} if live.get(name, ...) != rebuilt.get(name, ...)
        )


class Counts(NamedTuple):
    """Documents that are equal, and that are on one side only or differ."""

    equal: int = 0
    only_live: int = 0
    only_rebuilt: int = 0
    different: int = 0


def plain(document: Document, sets: Collection[str]) -> Document:
    """Return a document as it is compared: sets in order, whatever order they were added in."""
    return {
        field: sorted(value) if field in sets and isinstance(value, list) else value
        for field, value in document.items()
    }


async def compared(
    pair: RebuiltCollection, erased: Erased, keys: Collection[str] | None = None
) -> AsyncIterator[Difference | None]:
    """Yield each difference, and ``None`` for each document that is the same.

    What is erased counts on neither side: an erasure may be at work. ``keys`` are the only ones
    to look at.
    """
    live_side = _documents(pair, pair.live, erased, keys)
    rebuilt_side = _documents(pair, pair.rebuilt, erased, keys)
    live, rebuilt = await anext(live_side, None), await anext(rebuilt_side, None)
    while live is not None or rebuilt is not None:
        live_key = live["_id"] if live is not None else None
        rebuilt_key = rebuilt["_id"] if rebuilt is not None else None
        if rebuilt_key is None or (live_key is not None and live_key < rebuilt_key):
            yield Difference(pair.name, str(live_key), live, None)
            live = await anext(live_side, None)
        elif live_key is None or rebuilt_key < live_key:
            yield Difference(pair.name, str(rebuilt_key), None, rebuilt)
            rebuilt = await anext(rebuilt_side, None)
        else:
            same = live == rebuilt
            yield None if same else Difference(pair.name, str(live_key), live, rebuilt)
            live, rebuilt = await anext(live_side, None), await anext(rebuilt_side, None)


async def _documents(
    pair: RebuiltCollection, side: Documents, erased: Erased, keys: Collection[str] | None
) -> AsyncIterator[Document]:
    wanted: dict[str, Any] = {} if keys is None else {"_id": {"$in": list(keys)}}
    async with store_errors():
        # By a cursor, not by ranges of ids: the embedded store reads all it has for each range.
        async for document in side.find(wanted, batch_size=_PAGE).sort("_id", 1):
            owner, conversation = (
                is_field(document, pair.owner),
                is_field(document, pair.conversation),
            )
            if not erased.holds(owner, conversation):
                yield plain(document, pair.sets)


def counted(counts: Counts, found: Difference | None) -> Counts:
    """Return the counts after one more document."""
    if found is None:
        return counts._replace(equal=counts.equal + 1)
    if found.rebuilt is None:
        return counts._replace(only_live=counts.only_live + 1)
    if found.live is None:
        return counts._replace(only_rebuilt=counts.only_rebuilt + 1)
    return counts._replace(different=counts.different + 1)
