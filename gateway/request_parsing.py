"""Turn request bodies into typed requests, or refuse them with the path of what is wrong. Pure.

``null`` means that a field is absent. A field that is not supported is refused, never ignored:
an answer that silently left out what was asked for would be a wrong answer.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
import orjson

from gateway.errors import (
    BadRequest,
    InvalidJson,
    InvalidType,
    MissingParameter,
    UnsupportedParameter,
)

Request = TypeVar("Request", bound=msgspec.Struct)

_AT = re.compile(r" - at (?:`key` in )?`\$\.?(?P<path>.*?)(?:\[\.\.\.\])?`$")
_MISSING = re.compile(r"missing required field `(?P<field>\w+)`")
# Request, messages, message, content, part. Deeper values fit no type here, and how deep a client
# nests them must not decide how deep this recurses.
_DEPTH = 5
_JSON_NAMES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
_PYTHON_NAME = re.compile(r"\b(str|int|float|bool)\b")
_UNKNOWN = re.compile(r"contains unknown field `(?P<field>.*)`")


def json_object(body: bytes | str, name: str = "body") -> dict[str, Any]:
    """Return the JSON object in ``body``, which errors call ``name``."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidJson(
            f"The {name} is not valid JSON: {error}. Send a JSON object in UTF-8."
        ) from error
    if not isinstance(value, dict):
        raise InvalidType(f"The {name} must be a JSON object.")
    return value


def typed(
    value: Mapping[str, Any], wanted: type[Request], at: str = "", *, page: str = "/docs"
) -> Request:
    """Return ``value`` as ``wanted``, which must forbid unknown fields.

    ``at`` is its path, and ``page`` lists its fields.
    """
    try:
        return msgspec.convert(_without_nulls(value, _DEPTH), wanted)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), at, page) from error


def _without_nulls(value: Any, depth: int) -> Any:
    if depth == 0:
        return value
    if isinstance(value, Mapping):
        kept = ((key, inner) for key, inner in value.items() if inner is not None)
        return {key: _without_nulls(inner, depth - 1) for key, inner in kept}
    if isinstance(value, list):
        return [_without_nulls(inner, depth - 1) for inner in value]
    return value


def _refusal(message: str, at: str, page: str) -> BadRequest:
    """Turn msgspec's message into ours, with the path in ``param``."""
    found = _AT.search(message)
    inner = found["path"] if found else ""
    what = message[: found.start()] if found else message
    path = ".".join(part for part in (at, inner) if part)
    if unknown := _UNKNOWN.search(what):
        param = ".".join(part for part in (path, unknown["field"]) if part)
        return UnsupportedParameter(
            f"`{param}` is not supported; leave it out. {page} lists the supported fields.",
            param=param,
        )
    if missing := _MISSING.search(what):
        param = ".".join(part for part in (path, missing["field"]) if part)
        return MissingParameter(f"`{param}` is required; add it.", param=param)
    kind = InvalidType if ", got " in what else BadRequest
    what = _PYTHON_NAME.sub(lambda name: _JSON_NAMES[name[0]], what[0].lower() + what[1:])
    return kind(f"`{path or 'body'}`: {what}.", param=path or None)
