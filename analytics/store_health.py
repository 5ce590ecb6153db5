"""Say once that the store went away, and once that it is back."""

import structlog

from schemas.errors import RivuletError

log = structlog.get_logger(__name__)


class StoreHealth:
    """What the events in hand have last seen of the store; hundreds may wait for it at once."""

    def __init__(self) -> None:
        self._away = False

    def unavailable(self, error: RivuletError) -> None:
        """A request found no store."""
        if not self._away:
            self._away = True
            log.warning("store_unavailable", error=str(error))

    def available(self) -> None:
        """A request was answered."""
        if self._away:
            self._away = False
            log.info("store_available")
