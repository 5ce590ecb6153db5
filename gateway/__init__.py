"""The door of Rivulet: HTTP and SSE in and out, prompts to the broker, frames to their readers."""

import schemas  # noqa: F401 - it mends asyncio, and libraries must find it mended
