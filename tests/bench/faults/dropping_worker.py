"""A worker that loses some of its deltas on the way to the broker, without an error.

``python -m tests.bench.faults.dropping_worker`` is ``python -m workers`` over a broker connection
that drops core publishes to ``reply.*`` at random, as the broker's ingest limit does. Each adds a
byte to a file, which all workers of a stack share.
"""

import os
import random
import sys
from pathlib import Path

from nats.aio.client import Client

from schemas import subjects
from workers.__main__ import main

DROPPED = "dropped"
_SHARE = 0.004

_dropped = Path(os.environ.get("FAULTS_FOLDER", ".")) / DROPPED
_publish = Client.publish


async def _publish_or_drop(
    self: Client,
    subject: str,
    payload: bytes = b"",
    reply: str = "",
    headers: dict[str, str] | None = None,
) -> None:
    # Fenced and acknowledged publishes carry headers: they are not deltas.
    is_delta = subject.startswith(subjects.REPLY_PREFIX) and headers is None
    if is_delta and random.random() < _SHARE:
        with _dropped.open("ab", buffering=0) as file:
            file.write(b".")
        return
    await _publish(self, subject, payload, reply, headers)


if __name__ == "__main__":
    Client.publish = _publish_or_drop  # type: ignore[method-assign]
    code = main()
    sys.stdout.flush()
    os._exit(code)
