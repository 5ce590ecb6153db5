"""``python -m analytics quarantine``: list events that were set aside, try or drop them.

Their content is never shown, only its size: whoever runs a stack need not read its chats.
"""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

import orjson

from analytics.commands.running import broker_of, run, say
from analytics.errors import CommandFailed
from analytics.quarantine import retry
from analytics.quarantine_handlers import quarantine_handlers
from analytics.quarantine_store import MongoQuarantineStore, payload_of
from analytics.store_client import COMMAND_WAITS_MS, open_store
from schemas.documents import QuarantineDocument
from schemas.settings import Settings


def run_command(arguments: Sequence[str], settings: Settings) -> int:
    """Run the command and return its exit status; 1 when a retried event was not taken."""
    asked = _parser().parse_args(arguments)
    return run(lambda: _run(asked, settings))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analytics quarantine", description="Events that a consumer could not take."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="show them, in the order of the log")
    listing.add_argument("--json", action="store_true", help="one JSON object a line")
    for name, what in (("retry", "handle them once more"), ("drop", "forget them for good")):
        several = commands.add_parser(name, help=what)
        several.add_argument("ids", metavar="ID", nargs="*", help="such as usage.1234")
        several.add_argument("--all", action="store_true", help="all of them")
    return parser


async def _run(asked: argparse.Namespace, settings: Settings) -> int:
    async with open_store(settings.require("MONGO_URL"), COMMAND_WAITS_MS) as store:
        quarantine = MongoQuarantineStore(store)
        if asked.command == "list":
            for entry in await quarantine.entries():
                say(_as_json(entry) if asked.json else _line(entry))
            return 0
        entries = await _chosen(quarantine, asked)
        if asked.command == "drop":
            for entry in entries:
                await quarantine.remove(entry["_id"])
                say(f"{entry['_id']} is dropped")
            return 0
        async with broker_of(settings, "quarantine") as broker:
            handlers = quarantine_handlers(store, broker)
            left = 0
            for entry in entries:
                trouble = await retry(quarantine, entry, handlers)
                left += trouble is not None
                say(f"{entry['_id']} " + (f"stays: {trouble.detail}" if trouble else "is taken"))
    return 1 if left else 0


async def _chosen(
    quarantine: MongoQuarantineStore, asked: argparse.Namespace
) -> list[QuarantineDocument]:
    if asked.all == bool(asked.ids):
        raise CommandFailed("Name the events by their ids (quarantine list), or say --all.")
    entries = await quarantine.entries(asked.ids)
    unknown = set(asked.ids) - {entry["_id"] for entry in entries}
    if unknown:
        raise CommandFailed(f"Not in the quarantine: {', '.join(sorted(unknown))}")
    return entries


def _line(entry: QuarantineDocument) -> str:
    at = datetime.fromtimestamp(int(entry["set_aside_at_ms"]) / 1000, UTC).isoformat("T", "seconds")
    size = len(payload_of(entry))
    return (
        f"{at} {entry['_id']} {entry['reason']}: {entry['detail']} ({entry['subject']}, {size} B)"
    )


def _as_json(entry: QuarantineDocument) -> str:
    shown = {name: value for name, value in entry.items() if name != "payload"}
    return orjson.dumps({**shown, "size_bytes": len(payload_of(entry))}).decode()
