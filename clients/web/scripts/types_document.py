"""Print one OpenAPI document with every type that the web client meets.

The HTTP interface's own, and the frames of a reply's stream, which the client folds as well.
"""

import json
import sys

import msgspec

from gateway.openapi import openapi_document
from gateway.openapi_parts import REFERENCE
from schemas.frames import Attempt, Delta, End, Note

_FRAMES = (Attempt, Delta, End, Note)


def main() -> None:
    """Print the document."""
    document = openapi_document()
    _, frames = msgspec.json.schema_components(_FRAMES, ref_template=REFERENCE)
    document["components"]["schemas"] |= frames
    json.dump(document, sys.stdout, sort_keys=True)


if __name__ == "__main__":
    main()
