"""Sum up what an import has brought. Pure."""

from gateway.responses import ImportReport, SkippedImport
from gateway.transfer.planning import Plan

# The answer shall stay readable, whatever the file holds.
_MOST_LISTED = 1_000
_MAX_TITLE = 300


class Reporting:
    """Counts conversations as they are imported."""

    def __init__(self) -> None:
        self._conversations = 0
        self._messages = 0
        self._skipped: list[SkippedImport] = []
        self._skipped_total = 0
        self.any_conversation = False

    def add(self, index: int, plan: Plan) -> None:
        """Count what was planned for the file's conversation at ``index``, and done."""
        self.any_conversation |= plan.is_conversation
        self._conversations += bool(plan.events)
        self._messages += plan.messages
        if plan.lost:
            self._skipped_total += 1
            if len(self._skipped) < _MOST_LISTED:
                title = plan.title[:_MAX_TITLE]
                self._skipped.append(SkippedImport(index=index, title=title, reason=plan.lost))

    def report(self) -> ImportReport:
        """Return the sum so far."""
        return ImportReport(
            conversations=self._conversations,
            messages=self._messages,
            skipped=self._skipped,
            skipped_total=self._skipped_total,
        )
