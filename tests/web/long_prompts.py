"""Prompts to which the scripted engine has a long answer: there is time to disturb it."""

import itertools
from collections.abc import Sequence

from schemas.events import ChatMessage
from workers.engines.script import script_key, script_length

# About six seconds at the stack's pace.
_LONG = 230
_ANY = 1_000


def long_prompt(about: str = "the river", before: Sequence[ChatMessage] = ()) -> str:
    """Return a prompt that begins a conversation, or follows ``before``."""
    for number in itertools.count(1):
        prompt = f"Tell me about {about}, part {number}."
        key = script_key((*before, ChatMessage(role="user", content=prompt)), None)
        if script_length(key, _ANY, ignore_end=False) >= _LONG:
            return prompt
    raise AssertionError
