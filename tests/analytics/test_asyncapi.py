"""The AsyncAPI document says what really runs over the broker."""

import json
import urllib.parse
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from analytics.asyncapi import asyncapi_document
from schemas.events import Event, encode_event
from schemas.frames import Attempt, Delta, End, encode_frame
from tests.analytics.replies import end_of, prompt_of

PROMPT = prompt_of(parent_id="p")
FRAMES = [
    Attempt(1, "w1"),
    Delta(1, 0, [5, 6], "Hello", [2, 5]),
    End(n=1, tokens=2, status="completed", finish_reason="stop"),
]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(asyncapi_document("1.2.3"))
    return loaded


def test_the_committed_document_is_what_the_code_says() -> None:
    committed = Path(__file__).parents[2] / "docs" / "asyncapi.json"
    assert json.loads(committed.read_text()) == json.loads(asyncapi_document(version("rivulet"))), (
        "run `make asyncapi` and commit docs/asyncapi.json"
    )


def resolve(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        found: Any = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[urllib.parse.unquote(name)]
        part = found
    return part


def payloads_at(document: dict[str, Any], address: str) -> list[dict[str, Any]]:
    """Return the payload schemas of every channel with this address."""
    return [
        resolve(document, resolve(document, message)["payload"])
        for channel in document["channels"].values()
        if channel["address"] == address
        for message in channel["messages"].values()
    ]


def test_every_subject_of_the_log_is_a_channel(document: dict[str, Any]) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert document["info"]["version"] == "1.2.3"
    assert {channel["address"] for channel in document["channels"].values()} == {
        "chat.*.prompt.>",
        "chat.*.finished.>",
        "chat.{user_id}.prompt.{model}.{lane}",
        "chat.{user_id}.finished.{model}",
        "chat.{user_id}.prompt.{model}.title",
        "chat.{user_id}.finished.{model}.title",
        "chat.{user_id}.dead_letter.{model}",
        "chat.*.conversation",
        "chat.erased.*",
        "chat.{user_id}.conversation",
        "chat.erased.{user_id}",
        "claim.{reply_id}",
        "live.{reply_id}",
        "reply.{reply_id}",
        "worker.{model}.{worker}",
    }


@pytest.mark.parametrize(
    ("address", "event"),
    [
        ("chat.*.prompt.>", PROMPT),
        ("chat.*.finished.>", end_of(PROMPT)),
        ("chat.{user_id}.prompt.{model}.{lane}", PROMPT),
        ("chat.{user_id}.finished.{model}", end_of(PROMPT)),
    ],
)
def test_events_match_the_schema_of_their_subject_and_half_an_event_does_not(
    document: dict[str, Any], address: str, event: Event
) -> None:
    schemas = payloads_at(document, address)
    whole = json.loads(encode_event(event))
    assert schemas
    for schema in schemas:
        jsonschema.validate(whole, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"event": whole["event"], "reply_id": "r"}, schema)


@pytest.mark.parametrize("address", ["reply.{reply_id}", "live.{reply_id}"])
def test_frames_match_the_schema_of_the_token_log(document: dict[str, Any], address: str) -> None:
    for schema in payloads_at(document, address):
        for frame in FRAMES:
            jsonschema.validate(json.loads(encode_frame(frame)), schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"kind": "delta", "n": 1}, schema)


def test_the_document_is_the_same_each_time() -> None:
    assert asyncapi_document("1") == asyncapi_document("1")
