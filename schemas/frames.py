"""The messages of one reply's stream: ``attempt``, ``delta``, ``note`` and the one ``end``.

They are JSON objects told apart by ``kind``. What a sequence of them means is in ``fold.py``.
"""

from itertools import accumulate
from typing import Literal

import msgspec
from msgspec import Struct

from schemas.events import Failure, FinishReason, Status, Timings, Usage


class Attempt(Struct, frozen=True, tag_field="kind", tag="attempt", omit_defaults=True):
    """Attempt ``n`` (from 1) of ``worker`` begins; what older attempts still send is void.

    ``worker`` names one start of a worker. ``alone``: it starts no other reply before this one
    has shown a token, because earlier attempts died without one.
    """

    n: int
    worker: str
    alone: bool = False


class Delta(Struct, frozen=True, tag_field="kind", tag="delta", omit_defaults=True):
    """The next tokens of a reply.

    ``offset`` is the index of the first token within the reply. ``cuts`` holds the length of
    ``text`` in code points after each token, and is left out for a single token. ``finish`` says
    that the model ended here: a worker that takes over after it has only the ``end`` to write.
    The delta of the first token says how many tokens the prompt has, and how many of them the
    engine had cached, so that a reply which somebody else ends has its usage too.
    """

    n: int
    offset: int
    token_ids: list[int]
    text: str
    cuts: list[int] | None = None
    finish: FinishReason | None = None
    prompt_tokens: int | None = None
    cached_tokens: int = 0


class Note(Struct, frozen=True, tag_field="kind", tag="note"):
    """What became of attempt ``n`` beside its tokens; readers pass over it.

    ``alive``: some time after its marker it still runs, without a token. ``handed_over``: its
    worker gave the prompt back. Either shows that the prompt did not kill its worker.
    """

    n: int
    what: Literal["alive", "handed_over"]


class End(Struct, frozen=True, kw_only=True, tag_field="kind", tag="end", omit_defaults=True):
    """The one last frame. ``n`` and ``tokens`` are both ``None`` when a canceller wrote it.

    Then ``usage`` counts only the prompt; ``usage_of`` in ``ending.py`` completes it.
    """

    n: int | None
    tokens: int | None
    status: Status
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    timings: Timings | None = None
    error: Failure | None = None


Frame = Attempt | Delta | Note | End
FrameKind = Literal["attempt", "delta", "note", "end"]

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(Frame)


def encode_frame(frame: Frame) -> bytes:
    """Return the frame as JSON."""
    return _encoder.encode(frame)


def decode_frame(data: bytes) -> Frame:
    """Parse a frame; raises ``msgspec.DecodeError`` when it is not one."""
    return _decoder.decode(data)


def delta_of(
    n: int, offset: int, pieces: list[tuple[int, str]], finish: FinishReason | None = None
) -> Delta:
    """Join ``(token id, text)`` pieces into one delta that starts at token ``offset``."""
    token_ids = [token_id for token_id, _ in pieces]
    if len(pieces) == 1:
        return Delta(n, offset, token_ids, pieces[0][1], None, finish)
    text = "".join(text for _, text in pieces)
    cuts = list(accumulate(len(text) for _, text in pieces))
    return Delta(n, offset, token_ids, text, cuts, finish)
