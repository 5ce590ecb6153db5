"""What can go wrong in a worker, as one small tree."""

from schemas.errors import ErrorCode, RivuletError


class EngineError(RivuletError):
    """The engine could not go on with this reply."""

    code = ErrorCode.ENGINE_ERROR


class PromptRejected(EngineError):
    """The engine refuses this prompt; asking again will not help."""

    code = ErrorCode.BAD_PROMPT


class EngineDied(RivuletError):
    """The engine is gone and every reply with it; the worker process must end and be restarted."""

    code = ErrorCode.ENGINE_ERROR
    retryable = True


class EngineStuck(EngineDied):
    """The engine has replies to run and has been silent for too long."""


class Superseded(RivuletError):
    """The claim register has moved on while this worker ran the reply."""


class CommandFailed(RivuletError):
    """A command of the operator could not be carried out."""
