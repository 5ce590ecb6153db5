"""What the consumers read from the environment, once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from schemas.settings import Settings as AllSettings


@dataclass(frozen=True)
class Settings:
    """The settings of one start of the consumers; ``secret`` as ``instance_secret`` takes it."""

    data_dir: Path
    secret: str | None
    titles: bool
    nats_url: str
    mongo_url: str
    chat_max_age_s: float
    replies_max_age_s: float
    retention_days: float | None
    archive_dir: Path | None
    archive_every_s: float
    metrics_port: int | None
    traces: str | None
    log_level: str

    @classmethod
    def of(cls, settings: AllSettings) -> Self:
        """Pick what the consumers need; raises ``SettingsError`` naming what is missing."""
        return cls(
            data_dir=settings.get("DATA_DIR"),
            secret=settings.get("SECRET"),
            titles=settings.get("TITLES"),
            nats_url=settings.require("NATS_URL"),
            mongo_url=settings.require("MONGO_URL"),
            chat_max_age_s=settings.get("CHAT_MAX_AGE_S"),
            replies_max_age_s=settings.get("REPLIES_MAX_AGE_S"),
            retention_days=settings.get("RETENTION_DAYS"),
            archive_dir=settings.get("ARCHIVE_DIR"),
            archive_every_s=settings.get("ARCHIVE_EVERY_S"),
            metrics_port=settings.get("ANALYTICS_METRICS_PORT"),
            traces=settings.get("TRACES"),
            log_level=settings.get("LOG_LEVEL"),
        )
