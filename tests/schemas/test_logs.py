"""Logs: one JSON object a line where nobody watches, readable where somebody does."""

import os
import pty
import subprocess
import sys

import orjson
import pytest

SET_UP = """
import logging, structlog
from schemas.logs import configure_logs
configure_logs("gateway"{level})
log = structlog.get_logger("test")
"""


def lines_of(code: str, level: str = "") -> list[dict[str, object]]:
    """Run the code after ``configure_logs``; return its log records. Each line must be JSON."""
    run = subprocess.run(
        [sys.executable, "-c", SET_UP.format(level=level) + code],
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert run.stdout == b""
    return [orjson.loads(line) for line in run.stderr.splitlines()]


def test_a_line_is_json_with_its_event_level_service_and_time() -> None:
    (record,) = lines_of("log.info('reply_claimed', n=2)")
    assert record.pop("timestamp")
    assert record == {"event": "reply_claimed", "n": 2, "level": "info", "service": "gateway"}


def test_a_bound_reply_id_is_on_every_line_and_gone_after_it() -> None:
    records = lines_of(
        "with structlog.contextvars.bound_contextvars(reply_id='R'):\n"
        "    log.info('one')\n"
        "    logging.getLogger('nats').warning('two %s', 2)\n"
        "log.info('three')\n"
    )
    assert [(r["event"], r.get("reply_id")) for r in records] == [
        ("one", "R"),
        ("two 2", "R"),
        ("three", None),
    ]


def test_a_reply_id_that_one_task_binds_is_not_on_the_lines_of_another() -> None:
    records = lines_of(
        "import asyncio\n"
        "async def reply(name):\n"
        "    structlog.contextvars.bind_contextvars(reply_id=name)\n"
        "    await asyncio.sleep(0)\n"
        "    log.info(name)\n"
        "async def main():\n"
        "    async with asyncio.TaskGroup() as tasks:\n"
        "        for name in 'AB': tasks.create_task(reply(name))\n"
        "asyncio.run(main())\n"
    )
    assert [(r["event"], r["reply_id"]) for r in records] == [("A", "A"), ("B", "B")]


def test_an_exception_is_one_line_with_its_traceback() -> None:
    (record,) = lines_of("try:\n    1 / 0\nexcept ZeroDivisionError:\n    log.exception('bad')")
    assert "ZeroDivisionError" in str(record["exception"])


@pytest.mark.parametrize(
    "value",
    [
        "object()",
        "b'bytes'",
        "{1, 2}",
        "{1: 'a'}",
        "{(1, 2): 'a'}",
        "2 ** 70",
        "'\\ud83d'",
        "float('nan')",
        "ValueError('no')",
        "[[[object()]]]",
    ],
)
def test_an_odd_field_does_not_cost_the_line(value: str) -> None:
    (record,) = lines_of(f"log.info('odd', reply_id='R', field={value})")
    assert "odd" in str(record["event"])
    assert "field" in record


def test_what_is_below_the_level_is_not_written() -> None:
    records = lines_of("log.debug('a'); log.info('b'); log.warning('c')", level=", 'warning'")
    assert [record["event"] for record in records] == ["c"]


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        lines_of("", level=", 'loud'")
    assert b"unknown log level 'loud'" in refusal.value.stderr


def test_on_a_terminal_a_line_is_for_people() -> None:
    ours, theirs = pty.openpty()
    code = SET_UP.format(level="") + "log.info('reply_claimed', reply_id='R')"
    subprocess.run([sys.executable, "-c", code], stderr=theirs, check=True, timeout=30)
    os.close(theirs)
    line = os.read(ours, 4_096)
    os.close(ours)
    assert b"reply_claimed" in line
    assert not line.startswith(b"{")


def test_a_traceback_on_a_terminal_shows_no_local_variables() -> None:
    code = (
        "def login(password):\n"
        "    raise ValueError('no')\n"
        "try:\n"
        "    login('hunter' + '2')\n"
        "except ValueError:\n"
        "    log.exception('request_failed')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", SET_UP.format(level="") + code],
        capture_output=True,
        check=True,
        timeout=30,
        env={**os.environ, "FORCE_COLOR": "1"},
    )
    assert b"ValueError" in run.stderr
    assert b"hunter2" not in run.stderr
