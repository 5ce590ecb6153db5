"""Answer with JSON."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sanic.response import HTTPResponse, raw

CONTENT_TYPE = "application/json"


def encode_json(body: Any) -> bytes:
    """Return ``body`` as JSON bytes."""
    return msgspec.json.encode(body)


def json_response(
    body: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> HTTPResponse:
    """Return a response with ``body`` as JSON."""
    return raw(
        encode_json(body), status=status, headers=dict(headers or {}), content_type=CONTENT_TYPE
    )
