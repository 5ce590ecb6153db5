"""What earlier attempts say about a prompt: bad luck, a suspect, or poison."""

from schemas.frames import Attempt, Delta, Frame, Note
from workers.suspicion import MAX_DEADLY_TRIALS, MAX_FRUITLESS, Record, record_of


def plain(n: int) -> Attempt:
    return Attempt(n, f"w{n}")


def alone(n: int, worker: str | None = None) -> Attempt:
    return Attempt(n, worker or f"w{n}", alone=True)


def test_a_fresh_reply_has_no_record() -> None:
    assert record_of([]) == Record()


def test_an_attempt_that_died_without_a_token_makes_a_suspect() -> None:
    assert record_of([plain(1)]) == Record(1, suspect=True, deadly_trials=0)


def test_an_attempt_that_added_a_token_is_no_suspicion() -> None:
    assert record_of([plain(1), Delta(1, 0, [7], "a")]) == Record()


def test_a_later_attempt_that_adds_nothing_is_suspicious_again() -> None:
    frames = [plain(1), Delta(1, 0, [7], "a"), plain(2)]
    assert record_of(frames) == Record(1, suspect=True)


def test_progress_clears_the_record() -> None:
    frames = [plain(1), alone(2), alone(3), Delta(3, 0, [7], "a")]
    assert record_of(frames) == Record()


def test_tokens_of_an_attempt_that_was_superseded_are_no_progress() -> None:
    frames = [plain(1), alone(2), Delta(1, 0, [7], "a")]
    assert record_of(frames) == Record(2, suspect=True, deadly_trials=1)


def test_three_trials_that_died_condemn() -> None:
    record = record_of([plain(1), *(alone(n) for n in range(2, 2 + MAX_DEADLY_TRIALS))])
    assert record.deadly_trials == MAX_DEADLY_TRIALS
    assert record.verdict is not None


def test_three_deaths_that_were_no_trials_do_not_condemn() -> None:
    assert record_of([plain(1), plain(2), plain(3)]).verdict is None


def test_two_trials_that_died_do_not_condemn() -> None:
    assert record_of([plain(1), alone(2), alone(3)]).verdict is None


def test_trials_of_one_start_of_a_worker_count_once() -> None:
    frames = [plain(1), *(alone(n, "same") for n in range(2, 6))]
    assert record_of(frames).deadly_trials == 1


def test_an_attempt_that_was_handed_over_counts_for_nothing() -> None:
    frames: list[Frame] = []
    for n in range(1, 2 * MAX_FRUITLESS):
        frames += [alone(n), Note(n, "handed_over")]
    assert record_of(frames) == Record()


def test_a_hand_over_between_trials_changes_nothing() -> None:
    frames = [plain(1), alone(2), alone(3), plain(4), Note(4, "handed_over"), alone(5)]
    assert record_of(frames).deadly_trials == 3


def test_a_worker_that_was_seen_alive_was_not_killed_but_got_nowhere() -> None:
    frames = [plain(1), alone(2), alone(3), Note(3, "alive"), alone(4)]
    assert record_of(frames) == Record(4, suspect=True, deadly_trials=1)


def test_a_note_that_comes_after_the_next_attempt_counts_for_its_own() -> None:
    frames = [plain(1), plain(2), Note(1, "alive"), Note(2, "alive")]
    assert record_of(frames) == Record(2, suspect=False)


def test_ten_attempts_without_a_token_condemn_although_each_was_seen_alive() -> None:
    frames: list[Frame] = []
    for n in range(1, MAX_FRUITLESS + 1):
        frames += [plain(n), Note(n, "alive")]
    assert record_of(frames[:-2]).verdict is None
    assert record_of(frames).verdict is not None
