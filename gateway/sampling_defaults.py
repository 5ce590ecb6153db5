"""Put a conversation's sampling defaults under what a request asks for. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from gateway.chat_request import sampling_of
from gateway.errors import BadRequest
from gateway.requests import SamplingFields
from schemas.events import Sampling

_AT = "params."


def sampling_over(defaults: Mapping[str, Any], fields: SamplingFields) -> Sampling:
    """Return the sampling of a prompt; ``defaults`` has ``Sampling``'s names.

    Raises ``BadRequest`` where what is asked for contradicts itself or a default.
    """
    asked = sampling_of(fields, _AT)
    given = {
        name: getattr(asked, name)
        for name in Sampling.__struct_fields__
        if getattr(fields, name) is not None
    }
    # Not strict: the embedded store may return numbers for booleans.
    sampling = replace(msgspec.convert(dict(defaults), Sampling, strict=False), **given)
    if sampling.max_tokens is None or sampling.min_tokens <= sampling.max_tokens:
        return sampling
    if "min_tokens" in given:
        raise BadRequest(
            f"`{_AT}min_tokens` must not exceed the most tokens of the reply "
            f"({sampling.max_tokens}); ask for more `{_AT}max_tokens`.",
            param=f"{_AT}min_tokens",
        )
    return replace(sampling, min_tokens=sampling.max_tokens)
