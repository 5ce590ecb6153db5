"""Wait until a server listens, and until the gateway says that the whole stack is ready."""

import asyncio
import time
from collections.abc import Callable

import orjson

_PORT_POLL_S = 0.05
# Each question is a line in the gateway's log.
_READY_POLL_S = 0.5
_ANSWER_TIMEOUT_S = 5.0
_MAX_ANSWER_BYTES = 64 * 1024
_REMIND_EVERY_S = 10.0


async def wait_for_port(host: str, port: int, timeout_s: float) -> bool:
    """Return whether something accepts connections there before the time is over."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(_PORT_POLL_S)
        else:
            writer.close()
            return True
    return False


async def wait_until_ready(host: str, port: int, say: Callable[[str], None]) -> None:
    """Return when ``/readyz`` answers 200; say what is still waited for when it changes."""
    started = told = time.monotonic()
    last = ""
    while True:
        missing = await _missing(host, port)
        if missing is None:
            return
        now = time.monotonic()
        if missing != last or now - told > _REMIND_EVERY_S:
            say(f"waiting for {missing} ({now - started:.0f} s)")
            last, told = missing, now
        await asyncio.sleep(_READY_POLL_S)


async def served_model(host: str, port: int, api_key: str) -> str | None:
    """Return the id of a model that a worker serves now, as the gateway lists it."""
    try:
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            _, body = await _get(host, port, "/v1/models", f"Authorization: Bearer {api_key}\r\n")
        models = orjson.loads(body)["data"]
    except (OSError, TimeoutError, ValueError, KeyError):
        return None
    return next((str(model["id"]) for model in models if model.get("ready")), None)


async def _missing(host: str, port: int) -> str | None:
    """Return what ``/readyz`` still waits for, or ``None`` when everything is there."""
    try:
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            status, body = await _get(host, port, "/readyz")
    except (OSError, TimeoutError, ValueError):
        return "the gateway"
    if status == 200:
        return None
    return _not_ready(body) or f"the gateway (it answers {status})"


async def _get(host: str, port: int, path: str, header: str = "") -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n{header}\r\n"
        writer.write(request.encode())
        await writer.drain()
        answer = await reader.read(_MAX_ANSWER_BYTES)
        while not reader.at_eof() and len(answer) < _MAX_ANSWER_BYTES:
            answer += await reader.read(_MAX_ANSWER_BYTES)
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), body


def _not_ready(body: bytes) -> str:
    """Name the parts that the answer reports as not ready."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    parts = answer.get("checks", answer) if isinstance(answer, dict) else {}
    return ", ".join(name for name, state in parts.items() if state is False)
