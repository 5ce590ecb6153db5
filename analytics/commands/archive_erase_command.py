"""``python -m analytics archive-erase``: take erased users and conversations out of the files."""

import argparse
import asyncio
from collections.abc import Sequence

from analytics.archive.blanking import blank_erased
from analytics.archive.folder import ArchiveFolder
from analytics.commands.running import broker_of, run, say
from analytics.errors import CommandFailed
from analytics.replay.archived_events import ArchivedEvents
from analytics.replay.erased import ERASING_KINDS
from analytics.replay.past_events import PastEvents
from analytics.store_client import COMMAND_WAITS_MS, open_store
from schemas.settings import Settings


def run_command(arguments: Sequence[str], settings: Settings) -> int:
    """Run the command and return its exit status."""
    argparse.ArgumentParser(
        prog="python -m analytics archive-erase",
        description="Take what was erased out of the archive's files. Readers skip it anyway; "
        "after this it is on the disk no more.",
    ).parse_args(arguments)
    return run(lambda: _erase(settings))


async def _erase(settings: Settings) -> int:
    folder = settings.require("ARCHIVE_DIR")
    async with (
        broker_of(settings, "archive-erase") as broker,
        open_store(settings.require("MONGO_URL"), COMMAND_WAITS_MS) as store,
    ):
        past = await PastEvents.open(broker, ArchivedEvents(folder), folder)
        erased = await past.erased(store)
    try:
        rows = await asyncio.to_thread(
            blank_erased, ArchiveFolder(folder), erased.holds, ERASING_KINDS
        )
    except OSError as error:
        raise CommandFailed(f"The archive could not be written ({error}); repeat this.") from error
    say(f"{rows} rows were emptied")
    return 0
