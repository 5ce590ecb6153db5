"""``python -m analytics replay-reply``: type a past reply out as its readers saw it."""

import argparse
import asyncio
import re
import sys
import time
from collections.abc import Sequence

from analytics.commands.running import broker_of, run, say
from analytics.errors import CommandFailed
from analytics.reply_timing import timed_pieces
from schemas.direct_get import LogUnavailable
from schemas.reply_log import ReplyLog, StoredFrame
from schemas.settings import Settings

# Checked before a subject is made of it: `*` would read everybody's.
_REPLY_ID = re.compile(r"[0-9A-Z]{36}")


def run_command(arguments: Sequence[str], settings: Settings) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m analytics replay-reply",
        description="Type a past reply out with its own timing, while the token log holds it.",
    )
    parser.add_argument("reply_id", metavar="REPLY_ID")
    parser.add_argument("--speed", type=_speed, default=1.0, help="2 is twice as fast [1]")
    asked = parser.parse_args(arguments)
    return run(lambda: _replay(asked, settings))


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed < float("inf"):
        raise argparse.ArgumentTypeError("must be above 0")
    return speed


async def _replay(asked: argparse.Namespace, settings: Settings) -> int:
    if not _REPLY_ID.fullmatch(asked.reply_id):
        raise CommandFailed(f"{asked.reply_id!r} is no reply id: 36 digits and capital letters.")
    async with broker_of(settings, "replay-reply") as broker:
        try:
            frames = await (await ReplyLog.open(broker)).read(asked.reply_id)
        except LogUnavailable as error:
            raise CommandFailed("The broker does not answer; try again.") from error
    if not frames:
        raise CommandFailed(
            f"The token log holds nothing of {asked.reply_id} (any more); it keeps frames for "
            f"{settings.get('REPLIES_MAX_AGE_S'):.0f} s (RIVULET_REPLIES_MAX_AGE_S)."
        )
    await _type(frames, asked.speed)
    return 0


async def _type(frames: list[StoredFrame], speed: float) -> None:
    began = time.monotonic()
    for piece in timed_pieces(frames):
        await asyncio.sleep(began + piece.after_ms / 1000 / speed - time.monotonic())
        if piece.took_over:
            sys.stderr.write("[another worker goes on]")
            sys.stderr.flush()
        sys.stdout.write(piece.text)
        sys.stdout.flush()
    say()
