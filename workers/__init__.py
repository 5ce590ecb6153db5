"""Prompts in, frames out: pull prompts from the log, generate, publish each reply's frames."""

import schemas  # noqa: F401 - it mends asyncio, and libraries must find it mended
