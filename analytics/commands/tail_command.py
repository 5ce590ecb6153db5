"""``python -m analytics tail``: print events as they come.

What people wrote is only shown with ``--json``: whoever runs a stack need not read its chats.
"""

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import get_args

from analytics.commands.running import broker_of, run, say
from analytics.tail import Filter, tail
from schemas.events import Event, PromptDied, encode_event
from schemas.fact_log import Fact
from schemas.settings import Settings

_KINDS = [kind.__name__ for kind in get_args(Event)]
_FIELDS = ("user_id", "model", "kind", "conversation_id", "reply_id", "status", "attempts")


def run_command(arguments: Sequence[str], settings: Settings) -> int:
    """Run the command until it is interrupted, or ``--count`` events were printed."""
    asked = _parser().parse_args(arguments)
    return run(lambda: _tail(asked, settings))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analytics tail", description="Print events as they come."
    )
    parser.add_argument("--user", help="a user id")
    parser.add_argument("--type", choices=_KINDS, help="a kind of event")
    parser.add_argument("--model", help="a model id")
    parser.add_argument("--conversation", help="a conversation id")
    parser.add_argument(
        "--after", type=_from(0), help="begin behind this sequence, not with new ones"
    )
    parser.add_argument("--count", type=_from(1), help="stop after so many")
    parser.add_argument("--json", action="store_true", help="whole events, with all texts")
    return parser


def _from(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"must be a number from {least} on")
        return int(text)

    return number


async def _tail(asked: argparse.Namespace, settings: Settings) -> int:
    wanted = Filter(asked.user, asked.type, asked.model, asked.conversation)
    printed = 0
    async with broker_of(settings, "tail") as broker:
        async for fact in tail(broker, wanted, asked.after):
            say(_whole(fact) if asked.json else _line(fact))
            printed += 1
            if printed == asked.count:
                break
    return 0


def _whole(fact: Fact) -> str:
    event = "null" if fact.event is None else encode_event(fact.event).decode()
    return f'{{"sequence":{fact.sequence},"stored_at_ms":{fact.stored_at_ms},"event":{event}}}'


def _line(fact: Fact) -> str:
    stored = datetime.fromtimestamp(fact.stored_at_ms / 1000, UTC).isoformat("T", "milliseconds")
    if fact.event is None:
        return f"{stored} {fact.sequence} (does not parse)"
    asked = fact.event.prompt if isinstance(fact.event, PromptDied) else fact.event
    values = [(name, getattr(asked, name, None)) for name in _FIELDS]
    told = [f"{name}={value}" for name, value in values if value is not None]
    usage = getattr(fact.event, "usage", None)
    if usage is not None:
        told.append(f"tokens={usage.prompt_tokens}+{usage.completion_tokens}")
    return " ".join([stored, str(fact.sequence), type(fact.event).__name__, *told])
