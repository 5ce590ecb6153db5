"""What goes out is what the official client's types say."""

import msgspec
import orjson
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from gateway.openai_wire import DONE, ChunkWriter, completion, finish_reason, usage_of
from schemas.events import Usage
from schemas.frames import End

END = End(
    n=1,
    tokens=3,
    status="completed",
    finish_reason="length",
    usage=Usage(prompt_tokens=5, completion_tokens=3, cached_tokens=2),
)
AWKWARD = ['"quoted"\n', "\x00", "\u2028", "👨‍👩‍👧", "", "\\u0000", "</script>"]


def chunk_of(event: bytes) -> dict[str, object]:
    assert event.startswith(b"data: ")
    assert event.endswith(b"\n\n")
    assert event.count(b"\n") == 2
    body: dict[str, object] = orjson.loads(event[len(b"data: ") :])
    ChatCompletionChunk.model_validate(body, strict=True)
    return body


def test_a_completion_is_the_clients_type() -> None:
    whole = completion("R" * 36, "m", 5, "text", END, usage_of(END, 3))
    typed = ChatCompletion.model_validate_json(orjson.dumps(_plain(whole)), strict=True)
    assert typed.choices[0].message.content == "text"
    assert typed.choices[0].finish_reason == "length"
    assert typed.usage is not None
    assert typed.usage.total_tokens == 8


@pytest.mark.parametrize("include_usage", [False, True])
def test_every_chunk_is_the_clients_type(include_usage: object) -> None:
    chunks = ChunkWriter("R" * 36, 'a "model"', 5, include_usage=bool(include_usage))
    events = [chunks.role(), *map(chunks.delta, AWKWARD), chunks.finish("stop")]
    bodies = [chunk_of(event) for event in events]
    assert [("usage" in body) for body in bodies] == [include_usage] * len(bodies)
    assert all(body.get("usage") is None for body in bodies)
    texts = [body["choices"][0]["delta"].get("content") for body in bodies]  # type: ignore[index]
    assert texts == ["", *AWKWARD, None]
    assert len({(str(body["id"]), str(body["model"])) for body in bodies}) == 1


def test_the_usage_chunk_has_no_choices() -> None:
    chunks = ChunkWriter("R" * 36, "m", 5, include_usage=True)
    body = chunk_of(chunks.usage(usage_of(END, 3)))
    assert body["choices"] == []
    assert body["usage"] == {
        "prompt_tokens": 5,
        "completion_tokens": 3,
        "total_tokens": 8,
        "prompt_tokens_details": {"cached_tokens": 2},
    }


def test_a_cancellers_end_counts_what_was_made() -> None:
    cancelled = End(n=None, tokens=None, status="cancelled")
    assert usage_of(cancelled, 4).completion_tokens == 4
    assert finish_reason(cancelled) == "stop"


def test_the_last_event_is_the_one_that_clients_wait_for() -> None:
    assert DONE == b"data: [DONE]\n\n"


def _plain(value: object) -> object:

    return msgspec.to_builtins(value)
