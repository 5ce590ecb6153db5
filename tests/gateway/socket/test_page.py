"""``docs/websocket.md`` tells the truth: its examples are messages, and no message is left out."""

import functools
import operator
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import orjson
import pytest

from gateway.feed.feeds import MAX_FEEDS
from gateway.socket import close_codes, heartbeat, session
from gateway.socket.client_messages import CLIENT_MESSAGES, ClientMessage, Refused, parse
from gateway.socket.commands import _AT_ONCE, _OPENINGS_AT_ONCE
from gateway.socket.handshake import UNKNOWN_CLIENT_BYTES
from gateway.socket.server_messages import SERVER_MESSAGES, ServerMessage
from gateway.socket.subscriptions import MAX_SUBSCRIPTIONS
from schemas.errors import ErrorCode

PAGE = (Path(__file__).parents[3] / "docs" / "websocket.md").read_text()
BLOCKS = re.findall(r"^### (\w+)\n```json\n(.*?)```", PAGE, flags=re.M | re.S)
EXAMPLES = [(title, line) for title, block in BLOCKS for line in block.splitlines()]
TRANSCRIPT = re.findall(r"^([<>]) (\{.*\})$", PAGE, flags=re.M)
SERVER_TYPES = {str(shape.__struct_config__.tag): shape for shape in SERVER_MESSAGES}


def server_message(line: str) -> ServerMessage:
    message: ServerMessage = msgspec.json.decode(
        line, type=functools.reduce(operator.or_, SERVER_MESSAGES)
    )
    return message


def test_the_lists_hold_every_type() -> None:
    assert set(CLIENT_MESSAGES.values()) == set(get_args(ClientMessage))
    assert set(SERVER_MESSAGES) == set(get_args(ServerMessage))
    for name, shape in CLIENT_MESSAGES.items():
        assert shape.__struct_config__.tag == name


@pytest.mark.parametrize(("title", "line"), EXAMPLES)
def test_an_example_is_a_message_of_its_heading(title: str, line: str) -> None:
    assert orjson.loads(line)["type"] == title
    if title in CLIENT_MESSAGES:
        parse(line)
    else:
        server_message(line)


def test_every_type_has_an_example_and_every_field_is_in_one() -> None:
    shown: dict[str, set[str]] = {}
    for title, line in EXAMPLES:
        shown.setdefault(title, set()).update(orjson.loads(line))
    assert set(shown) == CLIENT_MESSAGES.keys() | SERVER_TYPES.keys()
    shapes: dict[str, Any] = {**CLIENT_MESSAGES, **SERVER_TYPES}
    for title, fields in shown.items():
        assert fields - {"type"} == set(shapes[title].__struct_fields__)


def test_the_transcript_is_made_of_messages() -> None:
    assert {who for who, _ in TRANSCRIPT} == {"<", ">"}
    for who, line in TRANSCRIPT:
        if who == ">":
            parse(line)
        else:
            server_message(line)


def test_a_wrong_example_would_be_seen() -> None:
    with pytest.raises(Refused):
        parse('{"type":"subscribe","reply":"x"}')
    with pytest.raises(msgspec.ValidationError):
        server_message('{"type":"delta","reply_id":"x","cursor":"c","text":"t","more":1}')


def test_every_close_code_and_limit_is_on_the_page() -> None:
    table = PAGE.split("## Close codes")[1].split("## ")[0]
    for name in dir(close_codes):
        if name.isupper():
            assert str(getattr(close_codes, name)) in table, name
    limits = PAGE.split("## Limits")[1].split("## ")[0]
    assert f"| {MAX_SUBSCRIPTIONS} |" in limits
    assert f"| {_AT_ONCE};" in limits
    assert f"in one gateway process | {MAX_FEEDS} |" in limits
    assert f"| {session.AUTH_S:.0f} s |" in limits
    assert f"pings every {heartbeat.PING_S:.0f} s; {heartbeat.GONE_S:.0f} s" in limits
    assert f"{UNKNOWN_CLIENT_BYTES // 1024} KiB before the key" in limits
    assert _OPENINGS_AT_ONCE == 4
    assert "of four replies that are being opened" in limits


def test_the_codes_on_the_page_exist() -> None:
    table = PAGE.split("### error")[1].split("## ")[0]
    codes = re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`.*?) \|", table, flags=re.M)))
    assert len(codes) > 15
    assert set(codes) <= set(ErrorCode)
