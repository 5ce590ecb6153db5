"""Cancel a bound reply when its client has gone.

Sanic cancels the handler's task when the connection is lost; a write may find it out first. The
cancel runs in a task of its own, because the handler's has no time left. A client that closes only
its sending half counts as gone too: to a server both look alike.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog

from gateway.background import Background
from gateway.cancellation import Cancellation
from gateway.errors import GatewayError, Unavailable
from schemas.events import PromptSubmitted

_RETRY_S = 0.5
# As long as a broker may be away before the reply is left to run to its end.
_GIVE_UP_S = 600.0

log = structlog.get_logger(__name__)


class Ending(Protocol):
    """What knows whether the reply has ended for its client."""

    @property
    def ended(self) -> bool:
        """Whether the end was read."""


class HangUps:
    """Cancels what was abandoned, until the process stops: then replies run to their end."""

    def __init__(self, cancellation: Cancellation, background: Background) -> None:
        self._cancellation = cancellation
        self._background = background
        self._stopping = False

    def stop(self) -> None:
        """Take lost connections for our own doing from now on."""
        self._stopping = True

    @contextmanager
    def watching(self, prompt: PromptSubmitted, reply: Ending) -> Iterator[None]:
        """Cancel the reply if the block ends without it and without an answer to the client."""
        try:
            yield
        except GatewayError:
            # The client is told, and it is still there.
            raise
        except BaseException:
            if not reply.ended:
                self.abandoned(prompt)
            raise

    @contextmanager
    def publishing(self, prompt: PromptSubmitted) -> Iterator[None]:
        """Cancel the reply if the block ends before it is known that its prompt was stored."""
        try:
            yield
        except (asyncio.CancelledError, Unavailable):
            # The client does not know of this reply, and the log may have its prompt.
            self.abandoned(prompt, in_log=False)
            raise

    def abandoned(self, prompt: PromptSubmitted, *, in_log: bool = True) -> None:
        """Cancel the reply of a prompt whose client has gone, unless it is a detached one."""
        if prompt.bound and not self._stopping:
            work = self._cancel(prompt, in_log=in_log)
            self._background.begin(work, f"hang-up-{prompt.reply_id}")

    async def _cancel(self, prompt: PromptSubmitted, *, in_log: bool) -> None:
        log.info("client_hung_up", reply_id=prompt.reply_id)
        clock = asyncio.get_running_loop().time
        give_up_at = clock() + _GIVE_UP_S
        while True:
            try:
                await self._cancellation.cancel_abandoned(prompt, in_log=in_log)
            except Unavailable:
                if clock() > give_up_at:
                    log.warning("hang_up_given_up", reply_id=prompt.reply_id)
                    return
                await asyncio.sleep(_RETRY_S)
            else:
                return
