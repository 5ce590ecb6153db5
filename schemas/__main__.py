"""Declare the streams on the broker: ``python -m schemas [--apply]``.

Without ``--apply`` differences between this version's options and the broker's are printed and
left as they are; with it they are changed. ``make up`` runs it with ``--apply`` before any
service starts.
"""

import argparse
import asyncio
import sys

from schemas.broker import connect
from schemas.settings import Settings, SettingsError, read_settings
from schemas.streams import (
    Drift,
    declare_consumer,
    declare_streams,
    history_consumer,
    usage_consumer,
)


async def declare(settings: Settings, *, apply: bool) -> list[Drift]:
    """Declare both streams and the projections' consumers; return what differs."""
    broker = await connect(settings.require("NATS_URL"), "rivulet-declare")
    try:
        drifts = await declare_streams(
            broker,
            chat_max_age_s=settings.get("CHAT_MAX_AGE_S"),
            replies_max_age_s=settings.get("REPLIES_MAX_AGE_S"),
            apply=apply,
        )
        for consumer in (history_consumer(), usage_consumer()):
            drifts += await declare_consumer(broker, consumer, apply=apply)
        return drifts
    finally:
        await broker.close()


def main() -> int:
    """Run the command; exit 1 when something differs and was not applied."""
    parser = argparse.ArgumentParser(prog="python -m schemas", description=declare.__doc__)
    parser.add_argument("--apply", action="store_true", help="change the broker to match")
    arguments = parser.parse_args()
    try:
        drifts = asyncio.run(declare(read_settings(), apply=arguments.apply))
    except SettingsError as error:
        sys.exit(str(error))
    for drift in drifts:
        print(f"{drift.name}.{drift.option}: wanted {drift.declared!r}, found {drift.found!r}")
    return 1 if drifts else 0


if __name__ == "__main__":
    sys.exit(main())
