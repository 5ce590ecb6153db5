"""What the gateway reads from the environment, once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from schemas.prices import Prices
from schemas.settings import Settings


@dataclass(frozen=True)
class GatewaySettings:
    """The settings of one start of the gateway; ``secret`` is ``None`` when the data dir has it."""

    data_dir: Path
    host: str
    port: int
    processes: int
    metrics_port: int | None
    nats_url: str
    mongo_url: str
    secret: str | None
    max_body_bytes: int
    max_running_per_user: int
    max_queued_per_model: int
    start_deadline_s: float
    drain_grace_s: float
    chat_max_age_s: float
    replies_max_age_s: float
    archive_every_s: float
    origins: tuple[str, ...]
    proxies: int
    registration: Literal["open", "invite", "closed"]
    prices: Prices
    traces: str | None
    log_level: str

    @classmethod
    def read(cls, settings: Settings) -> Self:
        """Pick the gateway's own settings; raises ``SettingsError`` for a missing one."""
        return cls(
            data_dir=settings.get("DATA_DIR"),
            host=settings.get("HOST"),
            port=settings.get("PORT"),
            processes=settings.get("GATEWAY_PROCESSES"),
            metrics_port=settings.get("METRICS_PORT"),
            nats_url=settings.require("NATS_URL"),
            mongo_url=settings.require("MONGO_URL"),
            secret=settings.get("SECRET"),
            max_body_bytes=settings.get("MAX_BODY_BYTES"),
            max_running_per_user=settings.get("MAX_RUNNING_PER_USER"),
            max_queued_per_model=settings.get("MAX_QUEUED_PER_MODEL"),
            start_deadline_s=settings.get("START_DEADLINE_S"),
            drain_grace_s=settings.get("DRAIN_GRACE_S"),
            chat_max_age_s=settings.get("CHAT_MAX_AGE_S"),
            replies_max_age_s=settings.get("REPLIES_MAX_AGE_S"),
            archive_every_s=settings.get("ARCHIVE_EVERY_S"),
            origins=settings.get("ORIGINS"),
            proxies=settings.get("PROXIES"),
            registration=settings.get("REGISTRATION"),
            prices=settings.get("PRICES") or Prices(),
            traces=settings.get("TRACES"),
            log_level=settings.get("LOG_LEVEL"),
        )
