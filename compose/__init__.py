"""The whole stack on one machine: ``python -m compose up``, ``down`` and ``worker``.

A small supervisor of its own; why: ``docs/adr/0004-own-supervisor.md``.
"""

import schemas  # noqa: F401 - it mends asyncio, and libraries must find it mended
