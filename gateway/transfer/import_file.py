"""Tell what kind of file was sent, and take it apart into conversations. Pure."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

from gateway.errors import BadRequest, InvalidJson
from gateway.transfer.chatgpt_source import read_chatgpt
from gateway.transfer.export_format import FORMAT, VERSION
from gateway.transfer.loose_json import ABSENT, checked_text, loose
from gateway.transfer.own_source import read_own
from gateway.transfer.sources import SourceConversation

# Raises ``Unreadable``; the second argument is the time now, in milliseconds.
ReadConversation = Callable[[Raw, int], SourceConversation]

# Text has a comma every 60 bytes. A file of nothing but small values would fill the memory.
_MOST_COMMAS = 6_000_000
# The answer must come within the response timeout of 60 s; 4,000 took 12 s on a busy machine.
_MOST_CONVERSATIONS = 10_000
_NEITHER = (
    "This is neither an export of Rivulet (format `rivulet.conversations`, version 1) "
    "nor ChatGPT's `conversations.json`; send one of the two."
)


class ImportFile(NamedTuple):
    """The conversations of a file, unread, and what reads one of them.

    ``is_named``: the file says its format. Of others only the conversations can tell.
    """

    conversations: list[Raw]
    read: ReadConversation
    is_named: bool


class _OwnFile(Struct):
    format: Raw = ABSENT
    version: Raw = ABSENT
    conversations: Raw = ABSENT


def open_file(body: bytes) -> ImportFile:
    """Return what the file holds; raises ``InvalidJson`` or ``BadRequest``."""
    text = checked_text(body)
    if text.count(b",") > _MOST_COMMAS:
        raise BadRequest("The file holds too many values; split it.")
    try:
        opened = _opened(text)
    except RecursionError as error:
        raise BadRequest("The file is nested too deeply. " + _NEITHER) from error
    except msgspec.ValidationError as error:
        raise neither() from error
    except msgspec.DecodeError as error:
        raise InvalidJson(f"The file is not valid JSON: {error}.") from error
    if not opened.conversations:
        raise BadRequest("The file holds no conversations; send one that does.")
    if len(opened.conversations) > _MOST_CONVERSATIONS:
        raise BadRequest(f"A file has at most {_MOST_CONVERSATIONS} conversations; split it.")
    return opened


def neither() -> BadRequest:
    """Return the refusal of a file of another kind."""
    return BadRequest(_NEITHER)


def _opened(text: bytes) -> ImportFile:
    if text.lstrip()[:1] == b"[":
        return ImportFile(msgspec.json.decode(text, type=list[Raw]), read_chatgpt, is_named=False)
    own = msgspec.json.decode(text, type=_OwnFile)
    if loose(own.format, str) != FORMAT:
        raise neither()
    if loose(own.version, int) != VERSION:
        raise BadRequest(f"Only version {VERSION} of `{FORMAT}` is understood.", param="version")
    conversations = loose(own.conversations, list[Raw])
    if conversations is None:
        raise BadRequest("`conversations` must be a list.", param="conversations")
    return ImportFile(conversations, read_own, is_named=True)
