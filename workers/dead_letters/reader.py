"""Read the dead letters that the log of facts holds, without a consumer."""

from typing import NamedTuple

import msgspec
import structlog

from schemas import subjects
from schemas.direct_get import DirectGet
from schemas.events import PromptDied, decode_event
from schemas.streams import CHAT

# Of one read. A letter holds a whole prompt: up to 4 MB, mostly a few kilobytes.
_BATCH = 64
_BATCH_BYTES = 4 * 1024 * 1024

log = structlog.get_logger(__name__)


class StoredLetter(NamedTuple):
    """A dead letter and its sequence in the CHAT stream."""

    sequence: int
    letter: PromptDied


async def read_dead_letters(direct_get: DirectGet) -> list[StoredLetter]:
    """Return every dead letter, oldest first; raises ``LogUnavailable``."""
    letters: list[StoredLetter] = []
    after, pending = 0, 1
    while pending:
        messages, pending = await direct_get.read(
            CHAT,
            {
                "seq": after + 1,
                "next_by_subj": subjects.ALL_DEAD_LETTERS,
                "batch": _BATCH,
                "max_bytes": _BATCH_BYTES,
            },
        )
        if not messages:
            break
        for message in messages:
            after = int((message.headers or {})["Nats-Sequence"])
            letter = _letter_or_none(message.data)
            if letter is None:
                log.warning("dead_letter_unreadable", stream_sequence=after)
            else:
                letters.append(StoredLetter(after, letter))
    return letters


def _letter_or_none(data: bytes) -> PromptDied | None:
    try:
        event = decode_event(data)
    except msgspec.DecodeError:
        return None
    return event if isinstance(event, PromptDied) else None
