"""Show FastStream what a message holds: our msgspec structs, in its handlers and its documents.

FastStream describes handlers with pydantic, which does not know msgspec. This annotation lets it
make its model of a handler, and gives the AsyncAPI document the struct's true JSON schema.
"""

import inspect
from typing import Any, get_args

import msgspec
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class EventPayload:
    """Annotate a handler's argument: ``Annotated[ReplyFinished, EventPayload()]``."""

    def __get_pydantic_core_schema__(self, source: Any, _: GetCoreSchemaHandler) -> CoreSchema:
        """Accept instances of the annotated struct, or of any struct of the union."""
        kinds = get_args(source) or (source,)
        return core_schema.union_schema(
            [core_schema.is_instance_schema(kind) for kind in kinds],
            metadata={"pydantic_js_functions": [lambda *_: json_schema(source)]},
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe the struct as msgspec writes it."""
        return handler(schema)


def json_schema(kind: Any) -> dict[str, Any]:
    """Return the JSON schema of a struct or union with every reference put in place."""
    schema = msgspec.json.schema(kind)
    inlined: dict[str, Any] = _inline(schema, schema.get("$defs", {}))
    return inlined


def _inline(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_inline(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inline(definitions[part["$ref"].rsplit("/", 1)[1]], definitions)
    return {
        key: inspect.cleandoc(value)
        if key == "description" and isinstance(value, str)
        else _inline(value, definitions)
        for key, value in part.items()
        # The discriminator maps names to the references that are gone; each variant's own
        # constant field says the same.
        if key not in ("$defs", "discriminator")
    }
