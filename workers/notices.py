"""Hear that a reply's register has moved on, and answer cancellers once the slot is free.

A notice carries the register's new sequence. One with a reply subject is a canceller's; then the
reply is over, whatever this worker has heard of it. Nothing here waits: the next notice may be for
another reply, and its canceller waits for us.
"""

from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from schemas import subjects
from schemas.notice import SlotFreed, encode_slot_freed
from workers.reply_run import ReplyRun

# Whose canceller may still be on its way; a few seconds' worth of replies.
_REMEMBERED = 4_096

log = structlog.get_logger(__name__)


class Notices:
    """Serves ``ctl.*`` for one worker.

    ``running`` returns the run of a reply here, ``spawn`` owns the tasks that answer.
    """

    def __init__(
        self,
        broker: Client,
        worker: str,
        running: Callable[[str], ReplyRun | None],
        spawn: Callable[[Coroutine[Any, Any, None], str], object],
    ) -> None:
        self._broker = broker
        self._answer = encode_slot_freed(SlotFreed(worker))
        self._running = running
        self._spawn = spawn
        self._finished: OrderedDict[str, None] = OrderedDict()

    async def start(self) -> None:
        """Begin to listen."""
        await self._broker.subscribe(subjects.ALL_NOTICES, cb=self._hear)

    def finished(self, reply_id: str) -> None:
        """Hear that a reply was finished here; its slot is free."""
        self._finished[reply_id] = None
        if len(self._finished) > _REMEMBERED:
            self._finished.popitem(last=False)

    async def _hear(self, message: Msg) -> None:
        reply_id = message.subject.removeprefix(subjects.control(""))
        run = self._running(reply_id)
        if message.reply and run is not None:
            self._spawn(self._free_and_answer(run, message), f"cancel {reply_id}")
        elif message.reply and reply_id in self._finished:
            await self._say_free(message)
        elif run is not None and message.data.isdigit():
            run.notice(int(message.data))

    async def _free_and_answer(self, run: ReplyRun, message: Msg) -> None:
        await run.free_slot()
        await self._say_free(message)
        log.info("slot_freed", reply_id=run.reply_id)

    async def _say_free(self, message: Msg) -> None:
        try:
            await self._broker.publish(message.reply, self._answer)
        except NatsError as error:
            # The canceller goes by the register; it only says later that the slot is free.
            log.warning("slot_answer_not_published", error=repr(error))
