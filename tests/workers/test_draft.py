"""The draft: offsets, coalescing and repairs of one attempt's tokens."""

from schemas.fold import FoldState, fold, fold_all
from schemas.frames import Attempt, Delta
from workers.draft import Draft


def draft_after(*frames: Attempt | Delta) -> Draft:
    prefix = fold_all(frames)
    return Draft(prefix.state.n + 1, prefix)


def test_a_delta_carries_everything_that_was_not_sent() -> None:
    draft = draft_after()
    draft.add([(1, "a")])
    assert draft.take_unsent() == Delta(1, 0, [1], "a")
    draft.add([(2, "b")])
    draft.add([(3, "ç")])
    assert draft.take_unsent() == Delta(1, 1, [2, 3], "bç", [1, 2])
    assert not draft.has_unsent
    assert draft.frames_sent == 2


def test_offsets_count_from_the_start_of_the_reply_after_a_takeover() -> None:
    draft = draft_after(Attempt(1, "w"), Delta(1, 0, [1, 2], "ab", [1, 2]))
    draft.add([(3, "c")])
    assert draft.take_unsent() == Delta(2, 2, [3], "c")
    assert draft.tokens == 3
    assert draft.text == "abc"


def test_a_repair_delta_closes_the_hole_for_the_fold() -> None:
    draft = draft_after()
    for token in ((1, "a"), (2, "b"), (3, "c"), (4, "d")):
        draft.add([token])
        delta = draft.take_unsent()
    state = fold(fold(FoldState(), Attempt(1, "w")).state, Delta(1, 0, [1], "a")).state
    state = fold(state, delta).state
    assert state.tokens == 1
    step = fold(state, draft.take_from(state.tokens))
    assert (step.state.tokens, step.text) == (4, "bcd")


def test_only_the_delta_with_the_last_token_says_how_the_model_ended() -> None:
    draft = draft_after()
    draft.add([(1, "a")])
    assert draft.take_unsent().finish is None
    draft.add([(2, "")], "stop")
    assert draft.take_unsent().finish == "stop"
    assert draft.take_from(0).finish == "stop"
