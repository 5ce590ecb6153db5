"""A worker with real vLLM, on the CPU or whatever this machine has."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from schemas.cores import cores_of, threads_of
from tests.support.worker_process import WorkerProcess
from tests.workers.vllm_contract import VllmContract


@pytest.fixture(scope="module")
def worker(nats_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    folder = tmp_path_factory.mktemp("vllm")
    process = WorkerProcess(folder, nats_url, ENGINE="vllm", ACK_WAIT_S="5")
    yield process.start(timeout_s=180)
    process.stop()


def test_the_worker_keeps_off_the_cores_that_vllm_computes_on(worker: WorkerProcess) -> None:
    """On CUDA no thread is bound, and then the worker may run everywhere."""
    assert worker.process is not None
    everywhere, ours = os.sched_getaffinity(0), os.sched_getaffinity(worker.process.pid)
    engine = psutil.Process(worker.process.pid).children(recursive=True)
    threads = [cores_of(thread) for process in engine for thread in threads_of(process.pid)]
    bound = set[int]().union(*(cores for cores in threads if cores < everywhere))
    assert ours == (everywhere - bound or everywhere)


def test_where_one_core_computes_the_engine_is_one_process(
    nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On CUDA it always is, and no thread is bound."""
    everywhere = os.sched_getaffinity(0)
    core = min(everywhere)
    monkeypatch.setenv("VLLM_CPU_OMP_THREADS_BIND", str(core))
    worker = WorkerProcess(tmp_path, nats_url, ENGINE="vllm")
    try:
        worker.start(timeout_s=180)
        assert worker.process is not None
        family = psutil.Process(worker.process.pid).children(recursive=True)
        [engine] = [process.pid for process in family if "VLLM::" in " ".join(process.cmdline())]
        assert cores_of(engine) in ({core}, everywhere)
        for helper in set(threads_of(engine)) - {engine}:
            # One that has just ended is nowhere.
            assert cores_of(helper) in (everywhere, set())
    finally:
        worker.stop()


class TestVllm(VllmContract):
    """The contract on the engine that is installed."""


def test_a_request_that_is_given_up_at_any_moment_leaves_nothing_in_vllm() -> None:
    command = [sys.executable, "-m", "tests.workers.abandoning_requests"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True)
    assert "left: 0" in done.stdout.splitlines()
