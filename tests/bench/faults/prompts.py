"""What is asked, and what the answer must be: for the scripted engine a function of the prompt."""

import random
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas.events import ChatMessage, Sampling
from workers.engines.script import (
    VOCABULARY,
    script_key,
    script_length,
    script_token,
    scripted_text,
)


class Expected(NamedTuple):
    """The whole answer: its text, its number of tokens and, where known, each token's text."""

    text: str
    tokens: int
    pieces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prompt:
    """One prompt with the answer that must come."""

    content: str
    expected: Expected
    params: dict[str, Any] = field(default_factory=dict)


def scripted_prompt(name: str, rng: random.Random, shortest: int, longest: int) -> Prompt:
    """Return a prompt for the scripted engine with a random number of tokens."""
    length = rng.randint(shortest, longest)
    content = f"{name} {rng.getrandbits(64):x}"
    messages, sampling = (ChatMessage("user", content),), Sampling(ignore_eos=True)
    key = script_key(messages, None)
    count = script_length(key, length, ignore_end=True)
    pieces = tuple(VOCABULARY[script_token(key, index)] for index in range(count))
    expected = Expected(scripted_text(messages, sampling, length), count, pieces)
    return Prompt(content, expected, {"max_tokens": length, "ignore_eos": True})
