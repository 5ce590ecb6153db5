"""The same contract on CUDA: ``make test-gpu``."""

import subprocess
from collections.abc import Iterator

import psutil
import pytest

from tests.support.worker_process import WorkerProcess
from tests.workers.vllm_contract import VllmContract

pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module")
def worker(nats_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    folder = tmp_path_factory.mktemp("vllm")
    process = WorkerProcess(folder, nats_url, ENGINE="vllm", ACK_WAIT_S="5")
    yield process.start(timeout_s=300)
    process.stop()


def test_the_engine_runs_on_the_gpu(worker: WorkerProcess) -> None:
    assert worker.process is not None
    query = ["nvidia-smi", "--query-compute-apps=pid", "--format=csv,noheader"]
    on_gpu = subprocess.run(query, check=True, capture_output=True, text=True).stdout.split()
    family = psutil.Process(worker.process.pid).children(recursive=True)
    assert {str(child.pid) for child in family} & set(on_gpu)


class TestVllmOnCuda(VllmContract):
    """The contract on CUDA."""
