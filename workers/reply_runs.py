"""The replies that one worker runs: one run a prompt in hand, however often it is delivered."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from typing import Any

import msgspec
import structlog
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from schemas.events import PromptSubmitted, decode_event
from schemas.tracing import span
from workers.attempt_run import Interrupt
from workers.errors import EngineDied
from workers.reply_run import ReplyRun
from workers.tools import Tools

log = structlog.get_logger(__name__)


class ReplyRuns:
    """Starts runs and keeps them while they last.

    ``spawn`` owns their tasks, ``on_ended`` gets each run that is over. ``died`` is set to the
    error once the engine is known to be dead.
    """

    def __init__(
        self,
        tools: Tools,
        spawn: Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]],
        on_ended: Callable[[ReplyRun], None],
    ) -> None:
        self.died: asyncio.Future[EngineDied] = asyncio.get_running_loop().create_future()
        self._tools = tools
        self._spawn = spawn
        self._on_ended = on_ended
        self._runs: dict[str, ReplyRun] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._tokens_of_ended = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def all(self) -> Collection[ReplyRun]:
        """Every run there is."""
        return self._runs.values()

    @property
    def tokens_made(self) -> int:
        """Tokens that were made here since the start."""
        return self._tokens_of_ended + sum(run.tokens_made for run in self._runs.values())

    @property
    def in_engine(self) -> int:
        """How many of them the engine may be working on."""
        return sum(run.in_engine for run in self._runs.values())

    def find(self, reply_id: str) -> ReplyRun | None:
        """Return the run of a reply, if it runs here."""
        return self._runs.get(reply_id)

    def take(self, message: Msg) -> None:
        """Start a run for a delivered prompt, or give the redelivery to the run that it has."""
        prompt = _read_prompt(message)
        if prompt is None:
            self._spawn(_set_aside(message), "term")
            return
        running = self._runs.get(prompt.reply_id)
        if running is not None:
            running.adopt(message)
            return
        run = ReplyRun(prompt, message, self._tools)
        self._runs[run.reply_id] = run
        self._idle.clear()
        task = self._spawn(self._run(run), f"reply {run.reply_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def doubt(self, reason: str) -> None:
        """Hear that frames of any reply may have been lost on the way to the log."""
        log.warning("replies_in_doubt", reason=reason, running=len(self._runs))
        for run in self._runs.values():
            run.doubt()

    def fail(self, error: EngineDied) -> None:
        """Hear that the engine is dead or stuck."""
        if not self.died.done():
            self.died.set_result(error)

    def close(self) -> None:
        """Hear that no prompt comes in any more: what is given back from now on goes elsewhere."""
        self._closed.set()

    def hand_over(self) -> None:
        """Ask every run to give its prompt back."""
        reason = Interrupt.ENGINE_DIED if self.died.done() else Interrupt.HAND_OVER
        for run in self._runs.values():
            run.stop(reason)

    async def wait(self, grace_s: float) -> None:
        """Wait until no run is left, but not longer than ``grace_s``."""
        try:
            async with asyncio.timeout(grace_s):
                await self._idle.wait()
        except TimeoutError:
            log.warning("drain_grace_over", running=len(self._runs))

    def cancel(self) -> None:
        """End what is left at once; the log and the prompts' redelivery see to the rest."""
        for task in self._tasks:
            task.cancel()

    async def _run(self, run: ReplyRun) -> None:
        structlog.contextvars.bind_contextvars(reply_id=run.reply_id)
        try:
            await _traced(run)
        except EngineDied as error:
            self.fail(error)
            # Given back before, the prompt would come here again, and again.
            await self._closed.wait()
            await run.hand_over()
        except Exception:
            # The prompt stays unacknowledged: it is tried again, here or elsewhere.
            log.exception("reply_run_failed")
        finally:
            self._tools.publisher.forget(run.reply_id)
            self._tokens_of_ended += run.tokens_made
            del self._runs[run.reply_id]
            if not self._runs:
                self._idle.set()
            self._on_ended(run)


async def _traced(run: ReplyRun) -> None:
    """Run a reply as a part of its prompt's trace; another worker's attempt is another span."""
    prompt, headers = run.prompt, run.delivery.headers or {}
    with span(
        "reply", "consumer", came_with=headers, reply_id=prompt.reply_id, model=prompt.model
    ) as traced:
        await run.run()
        if (result := run.result) is None:
            traced.say(status="left to another worker")
            return
        tokens = result.usage.completion_tokens
        traced.say(status=result.status, attempts=result.attempts, completion_tokens=tokens)
        if result.error is not None:
            traced.fail(result.error.code)


async def _set_aside(message: Msg) -> None:
    """Let nobody get a message again that can never become a reply."""
    try:
        await message.term()
    except NatsError as error:
        # It comes again, and is set aside then.
        log.warning("message_not_set_aside", error=repr(error))


def _read_prompt(message: Msg) -> PromptSubmitted | None:
    """Return the prompt, or ``None`` for what can never become a reply."""
    sequence = message.metadata.sequence.stream
    try:
        event = decode_event(message.data)
    except msgspec.DecodeError as error:
        log.error("prompt_unreadable", stream_sequence=sequence, error=str(error))
        return None
    if not isinstance(event, PromptSubmitted):
        log.error("prompt_unexpected", stream_sequence=sequence, kind=type(event).__name__)
        return None
    return event
