"""Decide which replies may start on this worker now: any, or one suspect alone.

A reply *starts* from its marker (or its head start) until its first token is out. A suspect may
have killed the worker before this one; while it starts nobody else does, so that if it kills this
one too, no other prompt looks guilty. Turns are taken in the order of asking.
"""

import asyncio
from contextlib import suppress

# A healthy reply shows a token well within this; longer than that nobody waits for a suspect, and
# a suspect for nobody. A worker that lives so long after a marker was not killed by its prompt.
TRIAL_S = 10.0


class StartGate:
    """One per worker. Replies are named by their ids; ``leave`` may be called at any time."""

    def __init__(self, patience_s: float = TRIAL_S) -> None:
        self._patience_s = patience_s
        self._starting: set[str] = set()
        self._nobody = asyncio.Event()
        # Held by a suspect from the moment that it waits for others; asyncio's lock is fair.
        self._turn = asyncio.Lock()
        self._alone: str | None = None

    def enter_at_once(self, reply_id: str) -> bool:
        """Start if that needs no waiting; tell whether it does start."""
        if self._turn.locked():
            return False
        self._starting.add(reply_id)
        return True

    async def enter(self, reply_id: str) -> None:
        """Start as soon as no suspect is being tried."""
        if not self.enter_at_once(reply_id):
            async with self._turn:
                self._starting.add(reply_id)

    async def enter_alone(self, reply_id: str) -> None:
        """Start as a suspect: wait for a turn and then for those that are starting."""
        await self._turn.acquire()
        try:
            await self._until_nobody_starts()
        except BaseException:
            self._turn.release()
            raise
        self._alone = reply_id
        self._starting.add(reply_id)

    def leave(self, reply_id: str) -> None:
        """Hear that the reply has shown a token, has ended, or never will."""
        self._starting.discard(reply_id)
        if not self._starting:
            self._nobody.set()
        if self._alone == reply_id:
            self._alone = None
            self._turn.release()

    async def _until_nobody_starts(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience_s):
                while self._starting:
                    self._nobody.clear()
                    await self._nobody.wait()
