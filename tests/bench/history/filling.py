"""Fill a store with conversations, as the history would have written them."""

import random
import time
from typing import Any, NamedTuple

from analytics.conversation_fold import blank_conversation, with_prompt
from analytics.history_documents import finished_answer, messages_of_prompt
from analytics.store_client import Store
from schemas import ids
from schemas.documents import CHAT_DATABASE, CONVERSATIONS, MESSAGES
from schemas.events import ChatMessage
from tests.analytics.replies import end_of, prompt_of

_VOCABULARY, _WORDS, _BATCH = 4_000, 40, 1_000
# Of each twenty messages, one has these.
PHRASE = "slow water"


class Filling(NamedTuple):
    """Whom the store is filled for, and one long conversation of theirs."""

    user_id: str
    long_conversation_id: str


class Filler:
    """Makes documents with random words; the same seed makes the same texts."""

    def __init__(self, store: Store, seed: int = 1) -> None:
        self._store = store
        self._random = random.Random(seed)
        self._now_ms = time.time_ns() // 1_000_000 - 10_000_000
        self._rows: dict[str, list[dict[str, Any]]] = {CONVERSATIONS: [], MESSAGES: []}
        self._sequence = 0

    async def fill(self, user_id: str, conversations: int, messages: int) -> Filling:
        """Write that much; the user has a fifth of it, fifty others the rest."""
        others = [ids.new_user_id() for _ in range(50)]
        long_id = await self._conversation(user_id, turns=100)
        turns = (messages - 200) // (conversations - 1) // 2
        for number in range(conversations - 1):
            owner = user_id if number % 5 == 0 else others[number % len(others)]
            await self._conversation(owner, turns)
        await self._write()
        return Filling(user_id, long_id)

    async def _conversation(self, user_id: str, turns: int) -> str:
        conversation_id, parent = ids.new_ulid(), ""
        document = blank_conversation(conversation_id, user_id)
        for _ in range(turns):
            self._sequence += 2
            self._now_ms += 1
            prompt = prompt_of(
                user_id,
                conversation_id=conversation_id,
                parent_id=parent,
                messages=(ChatMessage("user", self._text()),),
                submitted_at_ms=self._now_ms,
            )
            question, answer = messages_of_prompt(prompt, self._sequence)
            finished = finished_answer(end_of(prompt, text=self._text()), self._sequence + 1)
            self._rows[MESSAGES] += [{**question}, {**answer, **finished}]
            document = with_prompt(document, prompt, self._sequence)
            parent = prompt.assistant_message_id
        self._rows[CONVERSATIONS].append({**document})
        if len(self._rows[MESSAGES]) >= _BATCH:
            await self._write()
        return conversation_id

    def _text(self) -> str:
        words = [f"w{self._random.randrange(_VOCABULARY)}" for _ in range(_WORDS)]
        return " ".join([*words, PHRASE] if self._random.randrange(20) == 0 else words)

    async def _write(self) -> None:
        for name, rows in self._rows.items():
            if rows:
                await self._store[CHAT_DATABASE][name].insert_many(rows)
                rows.clear()
