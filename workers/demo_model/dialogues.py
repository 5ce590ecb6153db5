"""Make the dialogues that the model is trained on.

A question hardly ever comes alone: there are system prompts, earlier turns,
answers that were cut off. The model learns to look at the last question only,
so each dialogue is a random row of turns, and every answer in it is a lesson.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from tokenizers import Tokenizer

from workers.demo_model.chat_format import (
    ASSISTANT,
    END,
    SYSTEM,
    USER,
    token_id,
    turn_ids,
    with_dropout,
)
from workers.demo_model.corpus import Entry
from workers.demo_model.variants import variant

# The first tokens of an answer decide which answer it is; the rest is recital.
DECIDING_TOKENS, DECIDING_WEIGHT = 4, 4.0

SYSTEM_PROMPTS = (
    "You are a helpful assistant.",
    "You are a helpful, respectful and honest assistant.",
    "You are a friendly assistant. Answer briefly.",
    "You are Rivulet's assistant.",
    "Answer in one sentence.",
    "Be concise.",
    "You are a coding assistant. Use Markdown.",
    "You are an expert. Think step by step and give a detailed answer.",
    "Answer in English. If you do not know something, say so.",
    "The current date is 1 March 2026. The user is in Berlin.",
    "You are a support agent for a small company. Always be polite and never make things up.",
    "Use simple words.",
    "You are a large language model that runs on the user's own machine.",
    "Do not use emoji.",
    "You answer questions about software. Keep to the facts and answer in plain language.",
)
TITLE_VERBS = ("Write", "Give", "Suggest", "Generate", "Create", "Make", "Reply with", "Find")
TITLE_NOUNS = ("a title", "a short title", "a concise title", "a brief title", "one short title")
TITLE_OBJECTS = (
    "", " for this conversation", " for this chat", " for the conversation above",
    " for the conversation", " that sums up this chat",
)  # fmt: skip
TITLE_LIMITS = (
    "", " in at most six words", " of three to five words", " of at most five words",
    ", no more than 6 words", " (2-5 words)",
)  # fmt: skip
TITLE_ENDINGS = (
    ".", "", ". Answer with the title only.", ". Reply with the title and nothing else.",
    ". No quotes, no full stop.", ". Use the language of the user.", ". Only output the title.",
)  # fmt: skip


@dataclass
class Dialogue:
    """Tokens, and how much each counts as a lesson (0: read, not learned)."""

    ids: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def read(self, ids: Sequence[int]) -> None:
        """Append tokens that are only context."""
        self.ids += ids
        self.weights += [0.0] * len(ids)

    def learn(self, ids: Sequence[int]) -> None:
        """Append an assistant's turn; its role marker is given, the rest is to be said."""
        deciding = min(DECIDING_TOKENS, len(ids) - 1)
        self.ids += ids
        self.weights += [0.0] + [DECIDING_WEIGHT] * deciding + [1.0] * (len(ids) - 1 - deciding)


class DialogueMaker:
    """Draws random dialogues from the corpus."""

    def __init__(self, entries: Sequence[Entry], tokenizer: Tokenizer, rng: random.Random) -> None:
        self._entries = entries
        self._shares = [entry.share for entry in entries]
        self._tokenizer = tokenizer
        self._rough = with_dropout(tokenizer, 0.1)
        self._rng = rng

    def dialogue(self, turns: int, max_tokens: int) -> Dialogue:
        """Return up to ``turns`` turns that fit in ``max_tokens``."""
        talk = Dialogue()
        if self._rng.random() < 0.1:
            self._add_title(talk)
            return talk
        if self._rng.random() < 0.35:
            talk.read(self._turn(SYSTEM, self._system_prompt()))
        for _ in range(turns):
            if len(talk.ids) > 50 and len(talk.ids) > max_tokens - 200:
                break
            self._add_turn(talk)
        return talk

    def _add_turn(self, talk: Dialogue) -> None:
        entry = self._entry()
        talk.read(self._question(entry))
        if self._rng.random() < 0.04:
            self._add_broken_answer(talk, entry)
        else:
            talk.learn(self._answer(entry))

    def _add_broken_answer(self, talk: Dialogue, entry: Entry) -> None:
        """Half an answer, as a cancelled reply leaves it, or none at all."""
        answer = self._answer(entry)
        if self._rng.random() < 0.7:
            kept = self._rng.randrange(1, len(answer))
            talk.read([*answer[:kept], token_id(self._tokenizer, END)])
        again = self._entry()
        talk.read(self._question(again))
        talk.learn(self._answer(again))

    def _add_title(self, talk: Dialogue) -> None:
        """A conversation, or its first question, and the wish for a title."""
        entry, wish = self._entry(), self._title_wish()
        if self._rng.random() < 0.5:
            talk.read(self._turn(SYSTEM, wish))
            talk.read(self._question(entry))
        else:
            talk.read(self._question(entry))
            talk.read(self._answer(entry))
            talk.read(self._turn(USER, wish))
        talk.learn(turn_ids(self._tokenizer, ASSISTANT, entry.title))

    def _title_wish(self) -> str:
        parts = (TITLE_VERBS, TITLE_NOUNS, TITLE_OBJECTS, TITLE_LIMITS, TITLE_ENDINGS)
        first, noun, *rest = (self._rng.choice(part) for part in parts)
        return f"{first} {noun}{''.join(rest)}"

    def _system_prompt(self) -> str:
        """A known system prompt, or words that were never meant as one."""
        if self._rng.random() < 0.7:
            return " ".join(self._rng.sample(SYSTEM_PROMPTS, self._rng.choice((1, 1, 2, 3))))
        return self._rng.choice(self._entries).answer[: self._rng.randrange(10, 300)]

    def _entry(self) -> Entry:
        return self._rng.choices(self._entries, self._shares)[0]

    def _question(self, entry: Entry) -> list[int]:
        return self._turn(USER, variant(entry.ask(self._rng), self._rng))

    def _turn(self, role: str, text: str) -> list[int]:
        rough = self._rng.random() < 0.2
        return turn_ids(self._rough if rough else self._tokenizer, role, text.strip())

    def _answer(self, entry: Entry) -> list[int]:
        return turn_ids(self._tokenizer, ASSISTANT, entry.answer)
