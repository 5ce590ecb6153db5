"""What can go wrong between an event and its document, and what becomes of the event."""

from schemas.errors import ErrorCode, RivuletError


class StoreUnavailable(RivuletError):
    """The store does not answer; the event waits for it."""

    code = ErrorCode.UNAVAILABLE
    retryable = True


class LogUnavailable(RivuletError):
    """The broker did not answer a read or a write; the event is handed out again later."""

    code = ErrorCode.UNAVAILABLE
    retryable = True


class LogRefused(LogUnavailable):
    """The broker answered a write with an error; others may fare better."""


class StoreRefused(RivuletError):
    """The store answered a write with an error; the event is handed out again later."""

    retryable = True


class NotStorable(RivuletError):
    """The document can never be stored (too large, a number out of range)."""


class UnreadableEvent(RivuletError):
    """The message is no event that this program can read."""


class UnknownVersion(UnreadableEvent):
    """The event is of a version that this program does not know."""


class ArchiveBusy(RivuletError):
    """Another process writes this archive."""

    retryable = True


class ArchiveDamaged(RivuletError):
    """A file of the archive cannot be read."""


class ArchiveOfAnotherLog(RivuletError):
    """The archive was written from another log; choose another RIVULET_ARCHIVE_DIR for this one."""


class ReplayRefused(RivuletError):
    """The projection cannot be rebuilt, compared or promoted like this."""


class CommandFailed(RivuletError):
    """The command could not do its work."""
