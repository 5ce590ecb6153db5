"""The worker's settings, read once at start."""

from dataclasses import dataclass
from typing import Any, Literal, Self

from schemas.settings import Settings

# vLLM batches this many replies well on one GPU; the scripted engine costs almost nothing.
_SLOTS = {"vllm": 128, "scripted": 1_024}


@dataclass(frozen=True)
class WorkerSettings:
    """One frozen set a process; durations in seconds."""

    nats_url: str
    engine: Literal["vllm", "scripted"]
    model: str
    engine_args: dict[str, Any]
    slots: int
    scripted_tokens_per_s: float
    ack_wait_s: float
    stuck_engine_s: float
    drain_grace_s: float
    chat_max_age_s: float
    replies_max_age_s: float
    metrics_port: int | None
    traces: str | None
    log_level: str

    @classmethod
    def read(cls, settings: Settings) -> Self:
        """Pick the worker's own settings; raises ``SettingsError`` for a missing one."""
        engine = settings.get("ENGINE")
        return cls(
            nats_url=settings.require("NATS_URL"),
            engine=engine,
            model=settings.get("MODEL"),
            engine_args=settings.get("ENGINE_ARGS"),
            slots=settings.get("WORKER_SLOTS") or _SLOTS[engine],
            scripted_tokens_per_s=settings.get("SCRIPTED_TOKENS_PER_S"),
            ack_wait_s=settings.get("ACK_WAIT_S"),
            stuck_engine_s=settings.get("STUCK_ENGINE_S"),
            drain_grace_s=settings.get("DRAIN_GRACE_S"),
            chat_max_age_s=settings.get("CHAT_MAX_AGE_S"),
            replies_max_age_s=settings.get("REPLIES_MAX_AGE_S"),
            metrics_port=settings.get("WORKER_METRICS_PORT"),
            traces=settings.get("TRACES"),
            log_level=settings.get("LOG_LEVEL"),
        )
