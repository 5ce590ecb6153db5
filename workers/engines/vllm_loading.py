"""Start vLLM, in as few processes as the machine asks for.

Without a GPU vLLM computes in a process apart from its scheduler, because threads are bound to
cores by environment variables that a running process cannot take up. The scheduler hands each step
over through shared memory and waits for it by spinning. Where a single core computes, which is the
case on a machine of two, it spins on the only core that is left for everybody else; there the whole
engine is one process here, which starts with these variables (``docs/adr/0006-engine-first.md``).
"""

import contextlib

from vllm.config import VllmConfig
from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.platforms import current_platform
from vllm.usage.usage_lib import UsageContext
from vllm.v1.engine.async_llm import AsyncLLM
from vllm.v1.executor.uniproc_executor import UniProcExecutor


def load(engine_args: AsyncEngineArgs) -> AsyncLLM:
    """Load a model; takes seconds to minutes."""
    config = engine_args.create_engine_config(UsageContext.ENGINE_CONTEXT)
    with contextlib.ExitStack() as environment:
        # An executor that an operator has chosen stays.
        if current_platform.is_cpu() and engine_args.distributed_executor_backend is None:
            _unite(config, environment)
        return AsyncLLM.from_vllm_config(
            config,
            enable_log_requests=engine_args.enable_log_requests,
            disable_log_stats=engine_args.disable_log_stats,
        )


def _unite(config: VllmConfig, environment: contextlib.ExitStack) -> None:
    """Have one process schedule and compute, if one core computes."""
    if config.parallel_config.world_size_across_dp > 1:
        return
    # Only vLLM for the CPU needs it.
    from vllm.utils.ompmultiprocessing import OMPProcessManager  # noqa: PLC0415 - see above

    threads = OMPProcessManager(config)
    if [len(cores) for cores in threads.cpu_lists] == [1]:
        environment.enter_context(threads.configure_omp_envs(rank=0, local_rank=0))
        config.parallel_config.distributed_executor_backend = UniProcExecutor
