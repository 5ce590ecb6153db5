"""A worker that loses some of its deltas on the way to the broker, without an error.

``python -m tests.bench.faults.dropping_worker`` is ``python -m workers`` over a broker connection
that drops deltas at random, as the broker's ingest limit does. Each adds a
byte to a file, which all workers of a stack share.
"""

import os
import random
import sys
from pathlib import Path

from schemas import subjects
from schemas.nats_client import NatsClient
from workers.__main__ import main

DROPPED = "dropped"
_SHARE = 0.004

_dropped = Path(os.environ.get("FAULTS_FOLDER", ".")) / DROPPED
_publish = NatsClient.publish_now


def _publish_or_drop(self: NatsClient, subject: str, payload: bytes, reply: str = "") -> None:
    # Other frames wait for their acknowledgement, and go another way.
    if subject.startswith(subjects.REPLY_PREFIX) and random.random() < _SHARE:
        with _dropped.open("ab", buffering=0) as file:
            file.write(b".")
        return
    _publish(self, subject, payload, reply)


if __name__ == "__main__":
    NatsClient.publish_now = _publish_or_drop  # type: ignore[method-assign]
    code = main()
    sys.stdout.flush()
    os._exit(code)
