"""Leave out a prompt's oldest turns where the model's context cannot hold them all."""

from dataclasses import replace
from typing import NamedTuple, Protocol

from gateway.admission import AskedPrompt
from gateway.errors import BodyTooLarge
from gateway.model_directory import ModelState
from gateway.prompt_counter import certainly_fits, too_long
from schemas.beacon import CountAnswer
from schemas.events import ChatMessage

# Of the context, for a reply whose length nobody has bounded.
_REPLY_PART = 4

Messages = tuple[ChatMessage, ...]


class Counter(Protocol):
    """Counts tokens."""

    async def count(self, model: str, messages: Messages) -> CountAnswer | None:
        """Return what a worker says, ``None`` if none does; raises ``BodyTooLarge``."""


class _NobodyCounts(Exception):
    """No worker answers."""


class Parts(NamedTuple):
    """A prompt's messages: what stays at all costs, and the turns between, oldest first."""

    system: Messages
    turns: tuple[Messages, ...]
    question: Messages

    def without(self, turns: int) -> Messages:
        """Return the messages without so many of the oldest turns."""
        kept = (message for turn in self.turns[turns:] for message in turn)
        return (*self.system, *kept, *self.question)

    def messages_in(self, turns: int) -> int:
        """Return how many messages the oldest turns have."""
        return sum(len(turn) for turn in self.turns[:turns])


def parts_of(messages: Messages) -> Parts:
    """Return the parts; a turn is a question with what follows it. Pure."""
    begin = next((at for at, one in enumerate(messages) if one.role != "system"), len(messages))
    turns: list[Messages] = []
    for message in messages[begin:-1]:
        if message.role == "user" or not turns:
            turns.append(())
        turns[-1] = (*turns[-1], message)
    return Parts(messages[:begin], tuple(turns), messages[max(begin, len(messages) - 1) :])


async def trimmed(counter: Counter, model: ModelState, asked: AskedPrompt) -> AskedPrompt:
    """Return the prompt without the turns for which there is no room beside a reply.

    A prompt that nobody can count now stays whole. Raises ``PromptTooLong`` or ``BodyTooLarge``
    where even the question alone is too long.
    """
    if not model.ready:
        return asked
    parts = parts_of(asked.messages)
    try:
        dropped = await _Search(counter, model, parts, asked.sampling.max_tokens).turns_to_drop()
    except _NobodyCounts:
        return asked
    return replace(
        asked,
        messages=parts.without(dropped),
        omitted_messages=asked.omitted_messages + parts.messages_in(dropped),
    )


class _Search:
    """Finds how much of one prompt fits."""

    def __init__(
        self, counter: Counter, model: ModelState, parts: Parts, max_tokens: int | None
    ) -> None:
        self._counter = counter
        self._model = model
        self._parts = parts
        self._max_tokens = max_tokens
        self._answers: dict[int, CountAnswer] = {}

    async def turns_to_drop(self) -> int:
        """Return the fewest turns without which the rest fits."""
        # Fewer than `low` are too few.
        low, high = 1, len(self._parts.turns)
        if high == 0:
            # The usual beginning of a conversation: it is counted only where it may be too long.
            await self._refuse_too_long(0)
            return 0
        if await self._fits_without(0):
            return 0
        while low < high:
            middle = (low + high) // 2
            if await self._fits_without(middle):
                high = middle
            else:
                low = middle + 1
        if not await self._fits_without(high):
            # The question alone may have a shorter reply than was hoped for.
            await self._refuse_too_long(high)
        return high

    async def _fits_without(self, turns: int) -> bool:
        """Tell whether there is room for the rest and a reply."""
        known = self._model.max_model_len
        rest = self._parts.without(turns)
        if known is not None and certainly_fits(rest, known - self._room(known)):
            return True
        try:
            answer = await self._count_without(turns)
        except BodyTooLarge:
            return False
        return answer.prompt_tokens + self._room(answer.max_model_len) <= answer.max_model_len

    async def _refuse_too_long(self, turns: int) -> None:
        """Raise ``PromptTooLong`` where the rest leaves no room for any reply."""
        if certainly_fits(self._parts.without(turns), self._model.max_model_len):
            return
        answer = await self._count_without(turns)
        if answer.prompt_tokens >= answer.max_model_len:
            raise too_long(answer)

    async def _count_without(self, turns: int) -> CountAnswer:
        if turns not in self._answers:
            answer = await self._counter.count(self._model.model, self._parts.without(turns))
            if answer is None:
                raise _NobodyCounts
            self._answers[turns] = answer
        return self._answers[turns]

    def _room(self, max_model_len: int) -> int:
        part = max_model_len // _REPLY_PART
        return part if self._max_tokens is None else min(self._max_tokens, part)
