"""Hash passwords with Argon2id and check them, away from the event loop.

A hash takes 64 MiB and some 50 ms of a core on purpose, so few are made at a time: a flood of
logins waits here and not in everybody's streams, and only so many wait.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.errors import PasswordsBusy

# Length, and nothing about its characters (NIST SP 800-63B, 3.1.1.2).
MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 256
_AT_ONCE = 2
# Some two seconds of work: who came behind these would wait longer than for another try.
_MOST_WAITING = 64


class Passwords:
    """Argon2id with the library's parameters (RFC 9106, low memory); raises ``PasswordsBusy``."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._here = 0
        self._of_nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return the hash that is stored."""
        async with self._turn():
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password: str, stored: str | None) -> bool:
        """Tell whether it is the password; without an account it takes as long and is not."""
        if stored is None:
            if self._of_nobody is None:
                self._of_nobody = await self.hash("nobody's")
            await self._verify(password, self._of_nobody)
            return False
        return await self._verify(password, stored)

    def is_outdated(self, stored: str) -> bool:
        """Tell whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._here >= _AT_ONCE + _MOST_WAITING:
            raise PasswordsBusy
        self._here += 1
        try:
            async with self._room:
                yield
        finally:
            self._here -= 1

    async def _verify(self, password: str, stored: str) -> bool:
        async with self._turn():
            try:
                return await asyncio.to_thread(self._hasher.verify, stored, password)
            except (VerificationError, InvalidHashError):
                return False
