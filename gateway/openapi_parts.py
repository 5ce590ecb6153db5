"""The pieces of which the OpenAPI document is made. Pure."""

from typing import Any, NamedTuple

import msgspec

REFERENCE = "#/components/schemas/{name}"


class Operation(NamedTuple):
    """One method of one path."""

    path: str
    method: str
    name: str
    summary: str
    answers: dict[int, dict[str, Any]]
    refusals: tuple[int, ...] = ()
    body: type[msgspec.Struct] | None = None
    parameters: tuple[dict[str, Any], ...] = ()
    public: bool = False


def content(*types: type[msgspec.Struct], kind: str = "application/json") -> dict[str, Any]:
    """Return a content object: one of these shapes."""
    references = [{"$ref": REFERENCE.format(name=shape.__name__)} for shape in types]
    return {kind: {"schema": references[0] if len(references) == 1 else {"anyOf": references}}}


def events(*types: type[msgspec.Struct]) -> dict[str, Any]:
    """Return a stream of these shapes."""
    return content(*types, kind="text/event-stream")


def json_answer(
    description: str, shape: type[msgspec.Struct], headers: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return an answer of this shape."""
    answer: dict[str, Any] = {"description": description, "content": content(shape)}
    if headers:
        answer["headers"] = headers
    return answer


def path_parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter that is a part of the path."""
    return {"name": name, "in": "path", "required": True, "schema": schema}


def query_parameter(
    name: str, schema: dict[str, Any], description: str, *, required: bool = False
) -> dict[str, Any]:
    """Return a parameter of the query."""
    parameter = {"name": name, "in": "query", "description": description, "schema": schema}
    return {**parameter, "required": True} if required else parameter
