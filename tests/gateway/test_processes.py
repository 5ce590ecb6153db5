"""The command line: several processes on one port, metrics, the dev key, taken ports."""

import signal
import socket
import stat
from pathlib import Path

import httpx
import psutil
import pytest

from tests.gateway.gateway_process import GatewayProcess, running_gateway
from tests.gateway.stand_in_worker import StandInWorker
from tests.support.servers import free_port

# A loaded machine takes its time; the processes themselves aim at two seconds.
STOP_WITHIN_S = 10.0


def children_of(gateway: GatewayProcess) -> list[psutil.Process]:
    assert gateway.process is not None
    return psutil.Process(gateway.process.pid).children()


async def test_two_processes_share_a_port_a_secret_and_their_metrics(
    tmp_path: Path, nats_url: str, mongo_url: str, model: str
) -> None:
    metrics_port = free_port()
    gateway = GatewayProcess(
        tmp_path,
        nats_url,
        mongo_url,
        GATEWAY_PROCESSES="2",
        METRICS_PORT=str(metrics_port),
    )
    with running_gateway(gateway):
        gateway.wait_until(lambda: len(gateway.lines("gateway_listening")) == 2)
        gateway.wait_until(lambda: len(gateway.lines("broker_ready")) == 2)
        headers = {"Authorization": f"Bearer {gateway.dev_key()}"}
        async with StandInWorker.serving(nats_url, model) as worker:
            for _ in range(12):
                # A connection each, so that the kernel spreads them.
                async with httpx.AsyncClient(base_url=gateway.url, headers=headers) as http:
                    body = {"model": model, "content": "Hello"}
                    accepted = await http.post("/api/prompts", json=body)
                assert accepted.status_code == 202
                await worker.answer("hi")
                reply_id = accepted.json()["reply_id"]
                async with httpx.AsyncClient(base_url=gateway.url, headers=headers) as http:
                    events = await http.get(f"/api/replies/{reply_id}/events")
                assert '"done":true' in events.text
        async with httpx.AsyncClient() as http:
            metrics = (await http.get(f"http://127.0.0.1:{metrics_port}/metrics")).text
        assert 'rivulet_gateway_prompts_accepted_total{client="api"} 12.0' in metrics
        assert 'rivulet_gateway_replies_read_total{status="completed"} 12.0' in metrics
        assert "rivulet_gateway_open_streams 0.0" in metrics
        assert 'route="/api/replies/{reply_id}/events"' in metrics
        processes = children_of(gateway)
        status, took_s = gateway.stop()
    assert (status, len(processes)) == (0, 2)
    assert took_s < STOP_WITHIN_S
    assert not any(process.is_running() for process in processes)


def test_a_dead_process_is_started_again_and_no_child_outlives_its_parent(
    tmp_path: Path, nats_url: str, mongo_url: str
) -> None:
    gateway = GatewayProcess(tmp_path, nats_url, mongo_url, GATEWAY_PROCESSES="2")
    with running_gateway(gateway):
        gateway.wait_until(lambda: len(gateway.lines("gateway_listening")) == 2)
        children_of(gateway)[0].send_signal(signal.SIGKILL)
        gateway.wait_until(lambda: len(gateway.lines("gateway_listening")) == 3)
        assert gateway.answers()
        processes = children_of(gateway)
        gateway.end()
        gone, alive = psutil.wait_procs(processes, timeout=10)
    assert (len(gone), alive) == (2, [])


def test_a_single_process_serves_its_metrics_too(
    tmp_path: Path, nats_url: str, mongo_url: str
) -> None:
    metrics_port = free_port()
    gateway = GatewayProcess(tmp_path, nats_url, mongo_url, METRICS_PORT=str(metrics_port))
    with running_gateway(gateway):
        assert httpx.get(f"{gateway.url}/no/such/path").status_code == 404
        metrics = httpx.get(f"http://127.0.0.1:{metrics_port}/metrics").text
        assert httpx.get(f"{gateway.url}/metrics").status_code == 404
    wanted = 'rivulet_gateway_requests_total{method="GET",route="unmatched",status="404"} 1.0'
    assert wanted in metrics


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("setting", ["PORT", "METRICS_PORT"])
def test_a_taken_port_is_named(
    tmp_path: Path, nats_url: str, mongo_url: str, processes: str, setting: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        gateway = GatewayProcess(
            tmp_path, nats_url, mongo_url, GATEWAY_PROCESSES=processes, **{setting: port}
        )
        done = gateway.run()
    assert done.returncode == 1
    assert f"RIVULET_{setting}={port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_setting_is_named(tmp_path: Path) -> None:
    gateway = GatewayProcess(tmp_path, "", "")
    done = gateway.run()
    assert done.returncode == 1
    assert "RIVULET_NATS_URL" in done.stderr


def test_the_dev_key_is_made_once_and_kept_private(
    tmp_path: Path, nats_url: str, mongo_url: str
) -> None:
    gateway = GatewayProcess(tmp_path, nats_url, mongo_url)
    first = gateway.dev_key()
    path = gateway.data_dir / "dev-api-key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert gateway.dev_key() == first
    assert first not in gateway.run("dev-key").stdout
    path.unlink()
    assert gateway.dev_key() != first
