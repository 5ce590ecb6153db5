"""Consumers that fold the log of facts into documents: ``history`` and ``usage``.

Each is a FastStream handler on a durable pull consumer of the CHAT stream. Events come at least
once and in any order; the documents are the same. What they guarantee: ``docs/flow.md``.
"""

import schemas  # noqa: F401 - it mends asyncio, and libraries must find it mended
