"""Every ``RIVULET_*`` setting in one table, and how a service reads its own.

The environment wins over ``$RIVULET_DATA_DIR/stack.env``, which ``make up`` writes; an empty
variable stands for the default. A variable that is not in the table, or whose value does not
parse, refuses to start and names itself.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from schemas.prices import read_prices
from schemas.subjects import encode_model

PREFIX = "RIVULET_"
STACK_FILE = "stack.env"
DEFAULT_DATA_DIR = ".rivulet"


class SettingsError(Exception):
    """A setting is unknown, missing or not valid."""


@dataclass(frozen=True)
class Variable:
    """One setting: its name without the prefix, how it parses, its default and its meaning."""

    name: str
    parse: Callable[[str], Any]
    default: str | None
    meaning: str


def _text(value: str) -> str:
    return value


def _whole(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError("must be a whole number") from None


def _positive_int(value: str) -> int:
    number = _whole(value)
    if number < 1:
        raise ValueError("must be at least 1")
    return number


def _natural(value: str) -> int:
    number = _whole(value)
    if number < 0:
        raise ValueError("must not be negative")
    return number


def _positive_float(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        raise ValueError("must be a number") from None
    if not 0 < number < float("inf"):
        raise ValueError("must be above 0")
    return number


def _port(value: str) -> int:
    number = _whole(value)
    if not 1 <= number <= 65_535:
        raise ValueError("must be a port between 1 and 65535")
    return number


def _engine(value: str) -> str:
    if value not in ("vllm", "scripted"):
        raise ValueError("must be 'vllm' or 'scripted'")
    return value


def _model(value: str) -> str:
    encode_model(value)
    return value


def _log_level(value: str) -> str:
    if value.lower() not in ("debug", "info", "warning", "error"):
        raise ValueError("must be 'debug', 'info', 'warning' or 'error'")
    return value


def _registration(value: str) -> str:
    if value not in ("open", "invite", "closed"):
        raise ValueError("must be 'open', 'invite' or 'closed'")
    return value


def _switch(value: str) -> bool:
    if value not in ("on", "off"):
        raise ValueError("must be 'on' or 'off'")
    return value == "on"


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http:// or https:// address")
    return value


def _json_object(value: str) -> dict[str, Any]:
    parsed = json.loads(value)
    if not isinstance(parsed, dict):
        raise ValueError("must be a JSON object")
    return parsed


def _origins(value: str) -> tuple[str, ...]:
    return tuple(origin.strip() for origin in value.split(",") if origin.strip())


VARIABLES = (
    Variable("DATA_DIR", Path, DEFAULT_DATA_DIR, "Where the stack keeps its data"),
    Variable("HOST", _text, "127.0.0.1", "Address that the gateway listens on"),
    Variable("PORT", _port, "8000", "Port of the gateway"),
    Variable("METRICS_PORT", _port, None, "Loopback port of the gateway's `/metrics`"),
    Variable("ANALYTICS_METRICS_PORT", _port, None, "Loopback port of the consumers' `/metrics`"),
    Variable("WORKER_METRICS_PORT", _port, None, "Loopback port of the worker's `/metrics`"),
    Variable("GATEWAY_PROCESSES", _positive_int, "1", "Gateway processes that share the port"),
    Variable("NATS_URL", _text, None, "Broker; unset: `make up` starts one"),
    Variable("MONGO_URL", _text, None, "Store; unset: `make up` starts one"),
    Variable("ENGINE", _engine, "vllm", "`vllm` or `scripted` (no model: load and fault tests)"),
    Variable("MODEL", _model, "rivulet-demo", "Model that the worker serves: a hub id or a folder"),
    Variable("ENGINE_ARGS", _json_object, "{}", "JSON object of further vLLM engine arguments"),
    Variable(
        "SCRIPTED_TOKENS_PER_S", _positive_float, "50", "Pace of a reply of the scripted engine"
    ),
    Variable(
        "WORKER_SLOTS",
        _positive_int,
        None,
        "Replies that a worker runs at once (unset: 128 vllm, 1024 scripted)",
    ),
    Variable(
        "ACK_WAIT_S", _positive_float, "5", "Silence after which a worker's prompts go elsewhere"
    ),
    Variable(
        "STUCK_ENGINE_S", _positive_float, "120", "A worker exits when its engine is silent for"
    ),
    Variable(
        "DRAIN_GRACE_S",
        _positive_float,
        "25",
        "Time for a stopping process to end its replies",
    ),
    Variable("START_DEADLINE_S", _positive_float, "600", "Time within which a reply must begin"),
    Variable("MAX_BODY_BYTES", _positive_int, "4194304", "Largest request body"),
    Variable("MAX_RUNNING_PER_USER", _positive_int, "256", "Replies of one user at once"),
    Variable("MAX_QUEUED_PER_MODEL", _positive_int, "2000", "Prompts that wait for one model"),
    Variable("CHAT_MAX_AGE_S", _positive_float, "2592000", "How long the log of facts is kept"),
    Variable(
        "RETENTION_DAYS",
        _positive_float,
        None,
        "Conversations older than this are erased (unset: kept for ever)",
    ),
    Variable("ARCHIVE_DIR", Path, None, "Folder of the log's archive (unset: none is kept)"),
    Variable("ARCHIVE_EVERY_S", _positive_float, "300", "Time within which events are archived"),
    Variable("REPLIES_MAX_AGE_S", _positive_float, "3600", "How long the token log is kept"),
    Variable("SECRET", _text, None, "Key of reply ids; unset: made once, in the data dir"),
    Variable("ORIGINS", _origins, "", "Further origins that browsers may call from"),
    Variable("PROXIES", _natural, "0", "Trusted proxies before the gateway (X-Forwarded-For)"),
    Variable(
        "REGISTRATION", _registration, "invite", "Who may register: `open`, `invite`, `closed`"
    ),
    Variable("TITLES", _switch, "on", "Whether models write titles for conversations: `on`, `off`"),
    Variable(
        "PRICES",
        read_prices,
        None,
        "What tokens cost: a JSON object or the file that holds one (docs/usage.md)",
    ),
    Variable(
        "TRACES",
        _http_url,
        None,
        "OTLP/HTTP address that traces go to: `http://127.0.0.1:4318/v1/traces` (unset: none made)",
    ),
    Variable("LOG_LEVEL", _log_level, "info", "`debug`, `info`, `warning` or `error`"),
)
_BY_NAME = {variable.name: variable for variable in VARIABLES}


@dataclass(frozen=True)
class Settings:
    """The settings of one start: parsed values by name, ``None`` where unset."""

    values: Mapping[str, Any]

    def get(self, name: str) -> Any:
        """Return the value of ``RIVULET_<name>``, or ``None``."""
        return self.values[name]

    def require(self, name: str) -> Any:
        """Return the value of ``RIVULET_<name>``; raises ``SettingsError`` when it is unset."""
        value = self.values[name]
        if value is None:
            raise SettingsError(
                f"{PREFIX}{name} is not set ({_BY_NAME[name].meaning}). Set it, or start the stack "
                f"with `make up`, which writes it to $RIVULET_DATA_DIR/{STACK_FILE}."
            )
        return value


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the environment and ``stack.env``; raises ``SettingsError`` that names the variable."""
    given = os.environ if environment is None else environment
    data_dir = Path(given.get(PREFIX + "DATA_DIR") or DEFAULT_DATA_DIR)
    texts = {**read_stack_file(data_dir), **given}
    _refuse_unknown(texts)
    return Settings({v.name: _parse(v, texts.get(PREFIX + v.name)) for v in VARIABLES})


def read_stack_file(data_dir: Path) -> dict[str, str]:
    """Return the ``NAME=value`` lines of ``stack.env``; empty when there is none."""
    path = data_dir / STACK_FILE
    if not path.exists():
        return {}
    lines = path.read_text().splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def _refuse_unknown(texts: Mapping[str, str]) -> None:
    unknown = sorted(
        name
        for name, text in texts.items()
        if text and name.startswith(PREFIX) and name[len(PREFIX) :] not in _BY_NAME
    )
    if unknown:
        raise SettingsError(
            f"unknown setting {', '.join(unknown)}: remove it or correct its name "
            "(README.md lists every setting)"
        )


def _parse(variable: Variable, text: str | None) -> Any:
    chosen = text or variable.default
    if chosen is None:
        return None
    try:
        return variable.parse(chosen)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{variable.name}={chosen!r} is not valid: {error}") from error
