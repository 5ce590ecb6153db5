"""Every fault there is, in the order in which they are run."""

from tests.bench.faults import (
    broker_kill,
    burst,
    cancel,
    cancel_64,
    drain,
    dropped_deltas,
    gateway_kill,
    resume,
    vllm_kill,
    worker_kill,
)

_MODULES = (
    worker_kill,
    broker_kill,
    burst,
    dropped_deltas,
    cancel,
    gateway_kill,
    vllm_kill,
    drain,
    cancel_64,
    resume,
)
FAULTS = {module.FAULT.name: module.FAULT for module in _MODULES}
