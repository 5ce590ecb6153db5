"""Folding in memory gives the same documents in whatever order, and however often, events come."""

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.conversation_fold import sealed
from analytics.replay.history_rebuild import HistoryFold
from schemas import ids
from schemas.events import Event, MessagesImported
from tests.analytics.replay.lives import life_of

Numbered = tuple[int, Event]
# Of two imports of one message the first counts, so an import is not repeated out of order.
LIFE: list[Numbered] = list(enumerate(life_of(ids.new_user_id()), 1))


class Documents:
    """Documents in memory."""

    def __init__(self) -> None:
        self.by_key: dict[str, Any] = {}

    def change(self, key: str, change: Callable[[Any], Any]) -> None:
        self.by_key[key] = change(self.by_key.get(key))


def folded(events: Sequence[Numbered]) -> tuple[dict[str, Any], dict[str, Any]]:
    conversations, messages = Documents(), Documents()
    fold = HistoryFold(conversations, messages)
    for sequence, event in events:
        fold.fold(event, sequence)
    return {key: sealed(value) for key, value in conversations.by_key.items()}, messages.by_key


IN_ORDER = folded(LIFE)


@settings(max_examples=60)
@given(st.permutations(LIFE), st.lists(st.sampled_from(LIFE), max_size=8))
def test_order_and_repeats_do_not_matter(
    shuffled: list[Numbered], repeated: list[Numbered]
) -> None:
    assert folded([*shuffled, *repeated]) == IN_ORDER


def test_a_document_of_another_user_is_left_alone() -> None:
    thief = ids.new_user_id()
    stolen = [
        (sequence + 100, _owned_by(event, thief))
        for sequence, event in LIFE
        if not isinstance(event, MessagesImported)
    ]
    assert folded([*LIFE, *stolen]) == IN_ORDER


def _owned_by(event: Event, user_id: str) -> Event:
    changed: Any = type(event)(
        **{field: getattr(event, field) for field in event.__struct_fields__ if field != "user_id"},
        user_id=user_id,
    )
    return changed  # type: ignore[no-any-return]
