"""Read parameters of a request's query; what is wrong is refused with the name of it."""

from sanic import Request

from gateway.conversations.ports import Place
from gateway.errors import BadRequest
from schemas.ids import is_ulid

_LARGEST = 2**53


def whole_number(request: Request, name: str, default: int, largest: int = _LARGEST) -> int:
    """Return a number from 1 to ``largest``; raises ``BadRequest``."""
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 16 or not 1 <= int(text) <= largest:
        raise BadRequest(f"`{name}` must be a number from 1 to {largest}.", param=name)
    return int(text)


def flag(request: Request, name: str) -> bool:
    """Return whether ``name=true``; raises ``BadRequest`` for anything but true and false."""
    text = request.args.get(name, "false")
    if text not in ("true", "false"):
        raise BadRequest(f"`{name}` must be true or false.", param=name)
    return bool(text == "true")


def place(request: Request) -> Place | None:
    """Return where a page begins: ``next`` of the page before; raises ``BadRequest``."""
    text = request.args.get("after")
    if text is None:
        return None
    rank, _, conversation_id = text.partition("-")
    if not (rank.isascii() and rank.isdigit() and len(rank) <= 16 and is_ulid(conversation_id)):
        raise BadRequest("`after` must be `next` of the page before.", param="after")
    return Place(int(rank), conversation_id)


def place_shown(place: Place | None) -> str | None:
    """Return a place as ``place`` reads it."""
    return None if place is None else f"{place.rank}-{place.conversation_id}"
