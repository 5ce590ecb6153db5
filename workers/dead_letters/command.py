"""``python -m workers dead-letters``: list the prompts that were given up, and try them again.

The text of a prompt is never shown, only its size: whoever runs a stack need not read its chats.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from schemas.broker import connect, disconnect
from schemas.direct_get import DirectGet, LogUnavailable
from schemas.events import PromptDied
from schemas.ids import owns_reply
from schemas.secret import instance_secret
from schemas.settings import Settings
from workers.dead_letters.reader import StoredLetter, read_dead_letters
from workers.dead_letters.retrying import retry
from workers.errors import CommandFailed

_CONNECT_S = 5.0


def run_command(arguments: Sequence[str], settings: Settings) -> int:
    """Run the command and return its exit code."""
    asked = _parser().parse_args(arguments)
    try:
        asyncio.run(_run(asked, settings))
    except CommandFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m workers dead-letters",
        description="Prompts that were given up because they killed their workers.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="show them")
    listing.add_argument("--json", action="store_true", help="one JSON object a line")
    again = commands.add_parser("retry", help="ask again, as a new reply")
    again.add_argument("reply_ids", metavar="REPLY_ID", nargs="*")
    again.add_argument("--all", action="store_true", help="all of them")
    return parser


async def _run(asked: argparse.Namespace, settings: Settings) -> None:
    url = settings.require("NATS_URL")
    try:
        async with asyncio.timeout(_CONNECT_S):
            broker = await connect(url, "dead-letters")
    except TimeoutError:
        raise CommandFailed(
            f"No broker answers at {url}. Start the stack with `make up`, or set RIVULET_NATS_URL "
            "to the broker that it runs on."
        ) from None
    try:
        letters = await read_dead_letters(await DirectGet.open(broker))
        if asked.command == "list":
            _show(letters, as_json=asked.json)
            return
        chosen = _chosen(letters, asked)
        secret = _secret(chosen, settings)
        for stored in chosen:
            new_id = await retry(
                broker.jetstream(),
                stored,
                secret=secret,
                start_deadline_s=settings.get("START_DEADLINE_S"),
            )
            _print(f"{stored.letter.prompt.reply_id} is asked again as {new_id}")
    except LogUnavailable as error:
        raise CommandFailed(
            f"The broker at {url} could not be read or written ({error}). Nothing is lost: repeat "
            "the command once the stack is up."
        ) from None
    finally:
        await disconnect(broker)


def _chosen(letters: Sequence[StoredLetter], asked: argparse.Namespace) -> list[StoredLetter]:
    """Return what is to be retried, each once; all or none of what was named must be there."""
    by_id = {stored.letter.prompt.reply_id: stored for stored in letters}
    if asked.all and asked.reply_ids:
        raise CommandFailed("Name the replies to ask again, or say --all, but not both.")
    if asked.all:
        return list(by_id.values())
    if not asked.reply_ids:
        raise CommandFailed("Name the replies to ask again, or say --all.")
    unknown = [reply_id for reply_id in asked.reply_ids if reply_id not in by_id]
    if unknown:
        raise CommandFailed(
            f"No dead letter of {', '.join(unknown)}; nothing was done. "
            "`python -m workers dead-letters list` shows which there are."
        )
    return [by_id[reply_id] for reply_id in dict.fromkeys(asked.reply_ids)]


def _secret(chosen: Sequence[StoredLetter], settings: Settings) -> bytes:
    """Return the instance's secret; another one would make replies that nobody may read."""
    secret = instance_secret(settings.get("SECRET"), settings.get("DATA_DIR"))
    prompts = [stored.letter.prompt for stored in chosen]
    if not all(owns_reply(secret, prompt.user_id, prompt.reply_id) for prompt in prompts):
        raise CommandFailed(
            "The secret here is not the one of the gateway that took these prompts; nothing was "
            "done. Set RIVULET_DATA_DIR to the stack's data dir, or RIVULET_SECRET to its secret."
        )
    return secret


def _show(letters: Sequence[StoredLetter], *, as_json: bool) -> None:
    rows = [_row(stored.letter) for stored in letters]
    if as_json:
        for row in rows:
            _print(orjson.dumps(row).decode())
    elif not rows:
        _print("There are no dead letters.")
    else:
        texts = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
        widths = [max(len(line[column]) for line in texts) for column in range(len(texts[0]))]
        for line in texts:
            _print("  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)))


def _row(letter: PromptDied) -> dict[str, Any]:
    prompt = letter.prompt
    return {
        "reply_id": prompt.reply_id,
        "model": prompt.model,
        "died_at": datetime.fromtimestamp(letter.died_at_ms / 1000, UTC).isoformat(" ", "seconds"),
        "attempts": letter.attempts,
        "messages": len(prompt.messages),
        "characters": sum(len(message.content) for message in prompt.messages),
        "why": letter.error.message,
    }


def _print(line: str) -> None:
    sys.stdout.write(line.rstrip() + "\n")
