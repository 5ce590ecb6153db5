"""How generating a reply ended on this worker, and the prompts that must not be generated. Pure."""

from typing import NamedTuple

from schemas.errors import ErrorCode
from schemas.events import Failure, FinishReason, PromptSubmitted, Sampling, Status
from schemas.fold import FoldedReply
from workers.engines.port import Engine
from workers.errors import PromptRejected
from workers.suspicion import Record


class Outcome(NamedTuple):
    """What the ``end`` frame will say."""

    status: Status
    finish: FinishReason | None = None
    failure: Failure | None = None


class PromptTooLong(PromptRejected):
    """The prompt is longer than the model's context."""

    code = ErrorCode.CONTEXT_LENGTH

    def __init__(self, prompt_tokens: int, max_model_len: int) -> None:
        super().__init__(
            f"The prompt has {prompt_tokens} tokens, but the model's context holds "
            f"{max_model_len} for prompt and reply together. Shorten the messages."
        )


def failed(code: ErrorCode, message: str) -> Outcome:
    """Return the outcome of a reply that failed."""
    return Outcome("failed", None, Failure(code, message))


def out_of_time() -> Outcome:
    """Return the outcome of a reply whose first frames are about to expire from the log."""
    return failed(ErrorCode.DEADLINE, "The reply took longer than the token log is kept.")


def refusal(
    prompt: PromptSubmitted,
    n: int,
    record: Record,
    *,
    now_ms: int,
    stored_at_ms: int,
    max_run_ms: int,
) -> Outcome | None:
    """Return why the prompt must not be generated (any more), or ``None``.

    ``n`` is the attempt, ``record`` how earlier ones went, ``stored_at_ms`` when the broker stored
    the prompt. Past half the log's age a redelivery could find the reply's frames expired and
    generate it a second time.
    """
    never_began = n == 1 and now_ms > prompt.deadline_ms
    if never_began or now_ms - stored_at_ms > max_run_ms:
        return failed(
            ErrorCode.DEADLINE, "No worker was free to begin the reply in time; ask again."
        )
    verdict = record.verdict
    return None if verdict is None else failed(ErrorCode.POISON, verdict)


def tokens_left(
    sampling: Sampling, engine: Engine, prompt_tokens: int, prefix: FoldedReply
) -> int | Outcome:
    """Return how many tokens may still be generated, or the outcome when there are none.

    Raises ``PromptTooLong``.
    """
    room = engine.max_model_len - prompt_tokens
    if room < 1:
        raise PromptTooLong(prompt_tokens, engine.max_model_len)
    if prefix.state.finish is not None:
        return Outcome("completed", prefix.state.finish)
    limit = sampling.max_tokens or engine.default_max_tokens() or room
    left = min(limit, room) - prefix.state.tokens
    return left if left > 0 else Outcome("completed", "length")
