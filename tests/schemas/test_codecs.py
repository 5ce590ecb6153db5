"""Events and frames as JSON: later versions may add fields, and a wrong type names its field."""

from typing import Any

import msgspec
import orjson
import pytest

from schemas.events import (
    ChatMessage,
    Failure,
    PromptSubmitted,
    ReplyFinished,
    Sampling,
    Timings,
    Usage,
    decode_event,
    encode_event,
)
from schemas.frames import Attempt, Delta, End, Frame, decode_frame, delta_of, encode_frame

PROMPT = PromptSubmitted(
    reply_id="R",
    user_id="u",
    user_message_id="m1",
    assistant_message_id="m2",
    model="rivulet-demo",
    messages=(ChatMessage("system", "Be brief."), ChatMessage("user", "Hi 🌊")),
    sampling=Sampling(max_tokens=5, stop=("\n",), logit_bias={"7": -1.5}),
    submitted_at_ms=1,
    deadline_ms=2,
    client="web",
    conversation_id="c",
)
FINISHED = ReplyFinished(
    reply_id="R",
    user_id="u",
    user_message_id="m1",
    assistant_message_id="m2",
    model="rivulet-demo",
    status="failed",
    text="Hi",
    usage=Usage(prompt_tokens=3, completion_tokens=1),
    timings=Timings(queue_ms=1, first_token_ms=None, total_ms=2),
    attempts=2,
    submitted_at_ms=1,
    finished_at_ms=3,
    client="openai",
    error=Failure("engine_error", "It broke."),
)
FRAMES: list[Frame] = [
    Attempt(1, "w"),
    Delta(1, 0, [5], "a"),
    Delta(1, 1, [6, 7], "b🌊", [1, 2], "stop"),
    End(n=1, tokens=3, status="completed", finish_reason="stop"),
    End(n=None, tokens=None, status="cancelled"),
    End(n=1, tokens=0, status="failed", error=Failure("poison", "No.")),
]


@pytest.mark.parametrize("event", [PROMPT, FINISHED])
def test_an_event_comes_back_as_it_was(event: PromptSubmitted | ReplyFinished) -> None:
    assert decode_event(encode_event(event)) == event


def test_an_event_says_what_it_is_and_its_version() -> None:
    stored = orjson.loads(encode_event(PROMPT))
    assert (stored["event"], stored["version"]) == ("PromptSubmitted", 1)
    assert orjson.loads(encode_event(FINISHED))["event"] == "ReplyFinished"


def test_fields_of_a_later_version_are_ignored() -> None:
    stored = orjson.loads(encode_event(PROMPT))
    stored["sampling"]["later"] = stored["messages"][0]["later"] = stored["later"] = [1]
    assert decode_event(orjson.dumps(stored)) == PROMPT


def test_fields_that_an_older_version_left_out_have_their_defaults() -> None:
    stored = orjson.loads(encode_event(PROMPT))
    for name in ("kind", "bound", "temporary", "parent_id", "request_digest", "version"):
        del stored[name]
    assert decode_event(orjson.dumps(stored)) == PROMPT


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (["reply_id"], 7, "$.reply_id"),
        (["messages"], "Hi", "$.messages"),
        (["messages", 1, "content"], None, "$.messages[1].content"),
        (["messages", 0, "role"], "tool", "$.messages[0].role"),
        (["sampling", "max_tokens"], "5", "$.sampling.max_tokens"),
        (["client"], "fax", "$.client"),
    ],
)
def test_a_wrong_type_names_its_field(path: list[Any], value: object, named: str) -> None:
    stored: Any = orjson.loads(encode_event(PROMPT))
    inner = stored
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(msgspec.ValidationError) as refusal:
        decode_event(orjson.dumps(stored))
    assert named in str(refusal.value)


@pytest.mark.parametrize("name", ["reply_id", "user_id", "messages", "model", "deadline_ms"])
def test_a_missing_field_is_named(name: str) -> None:
    stored = orjson.loads(encode_event(PROMPT))
    del stored[name]
    with pytest.raises(msgspec.ValidationError, match=name):
        decode_event(orjson.dumps(stored))


@pytest.mark.parametrize(
    "data", [b"", b"{", b"null", b"[]", b"{}", b'{"event":"Other"}', b"\xff", b'{"event":7}']
)
def test_what_is_no_event_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_event(data)


@pytest.mark.parametrize("frame", FRAMES, ids=repr)
def test_a_frame_comes_back_as_it_was(frame: Frame) -> None:
    assert decode_frame(encode_frame(frame)) == frame


def test_frames_look_as_the_flow_page_shows_them() -> None:
    assert [encode_frame(frame).decode() for frame in FRAMES[:5]] == [
        '{"kind":"attempt","n":1,"worker":"w"}',
        '{"kind":"delta","n":1,"offset":0,"token_ids":[5],"text":"a"}',
        '{"kind":"delta","n":1,"offset":1,"token_ids":[6,7],"text":"b🌊","cuts":[1,2],'
        '"finish":"stop"}',
        '{"kind":"end","n":1,"tokens":3,"status":"completed","finish_reason":"stop"}',
        '{"kind":"end","n":null,"tokens":null,"status":"cancelled"}',
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json",
        b"{}",
        b'{"kind":"delta"}',
        b'{"kind":"other","n":1}',
        b'{"kind":"attempt","n":"1","worker":"w"}',
        b'{"kind":"attempt","n":1.5,"worker":"w"}',
        b'{"kind":"delta","n":1,"offset":0,"token_ids":[5],"text":null}',
        b'{"kind":"delta","n":1,"offset":0,"token_ids":5,"text":"a"}',
        b'{"kind":"end","n":1,"tokens":1,"status":"done"}',
        b'{"kind":"end","status":"completed"}',
    ],
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_frame(data)


def test_cuts_count_code_points_after_each_token() -> None:
    assert delta_of(1, 0, [(1, "🌊"), (2, ""), (3, "👨‍👩‍👧"), (4, "!")]).cuts == [1, 1, 6, 7]


def test_a_single_token_needs_no_cuts() -> None:
    assert delta_of(1, 4, [(9, "é")], "length") == Delta(1, 4, [9], "é", None, "length")
