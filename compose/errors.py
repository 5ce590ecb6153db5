"""What can keep a stack from starting or stopping; each message says what to do about it."""


class ComposeError(Exception):
    """The command cannot be carried out."""


class StackRuns(ComposeError):
    """Another ``make up`` holds this data dir."""


class NoStack(ComposeError):
    """No stack runs in this data dir."""


class PortTaken(ComposeError):
    """A port that the settings ask for belongs to another program."""


class StoreUnavailable(ComposeError):
    """The server that wrote this stack's data is not installed any more."""


class BadProcfile(ComposeError):
    """A line of the Procfile cannot be understood."""


class StartFailed(ComposeError):
    """A part of the stack did not come up."""


class StopFailed(ComposeError):
    """The stack did not stop in time."""


class DemoFailed(ComposeError):
    """The demonstration did not show what it should."""
