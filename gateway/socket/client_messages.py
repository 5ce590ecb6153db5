"""What a client may say on the socket, as types, and how its text becomes one of them. Pure."""

from typing import Annotated, Any, Final, NamedTuple

from msgspec import Meta, Struct

from gateway.errors import BadRequest, GatewayError, InvalidType, MissingParameter
from gateway.request_parsing import json_object, typed
from gateway.requests import PromptRequest
from schemas.errors import ErrorCode

_MAX_REF = 128
Ref = Annotated[str, Meta(min_length=1, max_length=_MAX_REF, description="Comes back as it is")]


class Auth(Struct, tag_field="type", tag="auth", kw_only=True, forbid_unknown_fields=True):
    """Says who is asking, for clients that cannot set a header or a subprotocol."""

    token: str


class Prompt(
    PromptRequest, tag_field="type", tag="prompt", kw_only=True, forbid_unknown_fields=True
):
    """The body of ``POST /api/prompts`` and its ``Idempotency-Key``; subscribes to the reply."""

    ref: Ref
    idempotency_key: str | None = None

    def request(self) -> PromptRequest:
        """Return what would be the body over HTTP."""
        return PromptRequest(**{name: getattr(self, name) for name in _REQUEST_FIELDS})


class Subscribe(
    Struct, tag_field="type", tag="subscribe", kw_only=True, forbid_unknown_fields=True
):
    """Asks for a reply, from a cursor on or from its beginning."""

    reply_id: str
    after: str | None = None


class Unsubscribe(
    Struct, tag_field="type", tag="unsubscribe", kw_only=True, forbid_unknown_fields=True
):
    """Asks for no more of a reply; the reply itself runs on."""

    reply_id: str


class Cancel(Struct, tag_field="type", tag="cancel", kw_only=True, forbid_unknown_fields=True):
    """Ends a reply."""

    reply_id: str
    ref: Ref | None = None


class Sync(Struct, tag_field="type", tag="sync", kw_only=True, forbid_unknown_fields=True):
    """Asks for what the user's other devices do, from a cursor on or from now on."""

    after: str | None = None
    ref: Ref | None = None


class Unsync(Struct, tag_field="type", tag="unsync", kw_only=True, forbid_unknown_fields=True):
    """Asks for no more of that."""

    ref: Ref | None = None


class Ping(Struct, tag_field="type", tag="ping", kw_only=True, forbid_unknown_fields=True):
    """Asks for a ``pong``; for clients whose library hides the protocol's own pings."""

    ref: Ref | None = None


ClientMessage = Auth | Prompt | Subscribe | Unsubscribe | Cancel | Sync | Unsync | Ping
CLIENT_MESSAGES: Final[dict[str, type[ClientMessage]]] = {
    "auth": Auth,
    "prompt": Prompt,
    "subscribe": Subscribe,
    "unsubscribe": Unsubscribe,
    "cancel": Cancel,
    "sync": Sync,
    "unsync": Unsync,
    "ping": Ping,
}
_REQUEST_FIELDS = PromptRequest.__struct_fields__


class UnknownType(BadRequest):
    """There is no message of this `type`; docs/websocket.md lists them."""

    code = ErrorCode.UNKNOWN_TYPE


class About(NamedTuple):
    """What an ``error`` says of the message that it answers."""

    ref: str | None = None
    reply_id: str | None = None


class Refused(Exception):
    """A message that is none, why not, and what can be said of it."""

    def __init__(self, error: GatewayError, about: About) -> None:
        super().__init__(str(error))
        self.error = error
        self.about = about


def parse(sent: str | bytes) -> ClientMessage:
    """Return the message in ``sent`` (bytes: it came as a binary one); raises ``Refused``."""
    about = About()
    try:
        if isinstance(sent, bytes):
            raise InvalidType("Binary messages are not supported; send JSON as text.")
        value = json_object(sent, name="message")
        about = About(_short_text(value, "ref"), _short_text(value, "reply_id"))
        return typed(value, _type_of(value), page="docs/websocket.md")
    except GatewayError as error:
        raise Refused(error, about) from error


def _type_of(value: dict[str, Any]) -> type[ClientMessage]:
    name = value.get("type")
    if name is None:
        raise MissingParameter("`type` is required; add it.", param="type")
    if not isinstance(name, str):
        raise InvalidType("`type` must be a string.", param="type")
    wanted = CLIENT_MESSAGES.get(name)
    if wanted is None:
        raise UnknownType(param="type")
    return wanted


def _short_text(value: dict[str, Any], name: str) -> str | None:
    text = value.get(name)
    return text if isinstance(text, str) and len(text) <= _MAX_REF else None
