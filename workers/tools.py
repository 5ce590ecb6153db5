"""What all replies of one worker share: its engine, its ways to the log, and its limits."""

from typing import NamedTuple

from schemas.reply_log import ReplyLog
from workers.claiming import Claimant
from workers.completion import Completion
from workers.delta_publisher import DeltaPublisher
from workers.engines.port import Engine
from workers.start_gate import StartGate


class Tools(NamedTuple):
    """Built once a worker."""

    worker: str
    engine: Engine
    log: ReplyLog
    claimant: Claimant
    publisher: DeltaPublisher
    completion: Completion
    gate: StartGate
    # A suspect that lives so long without a token was not killed by its prompt.
    trial_s: float
    # A running reply ends after this time, before its own first frames expire from the log.
    max_run_ms: int
