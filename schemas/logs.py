"""Log with structlog: readable on a terminal, one JSON object a line elsewhere.

Events have constant names plus fields. ``reply_id`` is bound for the duration of a reply's work,
so that it is on every line. Prompt and reply text never appear above DEBUG.
"""

import logging
import os
import sys

import orjson
import structlog
from structlog.typing import EventDict, Processor


def configure_logs(service: str, level: str = "info") -> None:
    """Set up structlog, and give the standard library's loggers the same form, all to stderr."""
    # Our own lines go straight to stderr; the standard library's loggers cost ten times as much.
    structlog.configure(
        processors=[*_processors(service), *_renderer(), _to_bytes],
        wrapper_class=structlog.make_filtering_bound_logger(_level(level)),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(log_formatter(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries never below INFO.
    root.setLevel(max(_level(level), logging.INFO))


def log_formatter(service: str) -> logging.Formatter:
    """Return the formatter of our lines, for loggers that others configure."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_processors(service),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderer()],
    )


def _processors(service: str) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(service),
    ]


def _renderer() -> list[Processor]:
    # FORCE_COLOR: `make up` passes our lines through a pipe on to a terminal.
    if sys.stderr.isatty() or os.environ.get("FORCE_COLOR"):
        # Not its own choice of traceback, which shows local variables: passwords among them.
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(exception_formatter=plain)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_to_json)]


def _to_json(fields: dict[str, object], **_: object) -> str:
    try:
        return orjson.dumps(fields, default=str).decode()
    except TypeError:
        # Keys that are no text, huge numbers, half a surrogate pair: an odd field must not cost
        # the line.
        return orjson.dumps({str(name): repr(value) for name, value in fields.items()}).decode()


def _to_bytes(_: object, __: str, line: EventDict) -> bytes:
    # The renderer before it has made a string of the fields.
    return str(line).encode(errors="backslashreplace")


def _named(service: str) -> Processor:
    def add_service(_: object, __: str, fields: EventDict) -> EventDict:
        fields["service"] = service
        return fields

    return add_service


def _level(name: str) -> int:
    level = logging.getLevelNamesMapping().get(name.upper())
    if level is None:
        raise ValueError(f"unknown log level {name!r}: use debug, info, warning or error")
    return level
