"""Consumers that stop for ever between the claim of a title and its prompt, to be killed there."""

import asyncio

from analytics.__main__ import main
from analytics.title_publisher import BrokerTitleLog
from schemas.events import PromptSubmitted


async def publish(self: BrokerTitleLog, prompt: PromptSubmitted) -> None:
    """Publish nothing."""
    del self, prompt
    await asyncio.Event().wait()


if __name__ == "__main__":
    BrokerTitleLog.publish = publish  # type: ignore[method-assign]
    main()
