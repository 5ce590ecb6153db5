"""A whole stack with the scripted engine: one a data dir, its files, its ports, its data."""

import contextlib
import json
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.compose.waiting import DEADLINE_S, processes_of, wait_until
from tests.support.stack_process import StackProcess

_SCRIPTED = {"ENGINE": "scripted", "SCRIPTED_TOKENS_PER_S": "1000"}
_START_WITHIN_S = 60.0


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    stack = StackProcess(tmp_path_factory.mktemp("stack") / "data", **_SCRIPTED)
    started = time.monotonic()
    stack.start()
    assert time.monotonic() - started < _START_WITHIN_S
    yield stack
    assert stack.stop() == 0
    assert processes_of(stack.data_dir) == []
    assert not (stack.data_dir / "stack.env").exists()


def finish(stack: StackProcess, *arguments: str) -> tuple[int, str]:
    """Run ``python -m compose ...`` of this stack to its end; return exit code and output."""
    before = len(stack.output()) if stack.log_path.exists() else 0
    process = stack.run("compose", *arguments)
    code = process.wait(DEADLINE_S)
    return code, stack.output()[before:]


def ask(stack: StackProcess) -> Any:
    return httpx.post(
        f"{stack.url}/v1/chat/completions",
        headers={"Authorization": f"Bearer {stack.api_key}"},
        json={"model": "rivulet-demo", "messages": [{"role": "user", "content": "hello"}]},
        timeout=DEADLINE_S,
    )


def test_it_answers_with_the_key_that_it_wrote(stack: StackProcess) -> None:
    assert ask(stack).status_code == 200


def test_everything_in_the_data_dir_is_its_owners_alone(stack: StackProcess) -> None:
    assert stat.S_IMODE(stack.data_dir.stat().st_mode) == 0o700
    for path in stack.data_dir.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_broker_wants_the_token(stack: StackProcess) -> None:
    url = stack.stack_settings["RIVULET_NATS_URL"]
    assert len(url.removeprefix("nats://").split("@")[0]) == 32


def test_a_second_stack_in_the_same_data_dir_is_refused(stack: StackProcess) -> None:
    code, said = finish(stack, "up")
    assert code == 1
    assert "already runs" in said
    assert "make down" in said
    assert ask(stack).status_code == 200


def test_a_taken_port_is_named_with_its_setting(stack: StackProcess, tmp_path: Path) -> None:
    other = StackProcess(tmp_path / "other", **_SCRIPTED)
    other._settings["RIVULET_PORT"] = str(stack.port)
    code, said = finish(other, "up")
    assert code == 1
    assert f"RIVULET_PORT={stack.port}" in said
    assert processes_of(other.data_dir) == []


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    code, said = finish(StackProcess(tmp_path / "typo", PROT="8000"), "up")
    assert code == 1
    assert "RIVULET_PROT" in said


def test_a_second_worker_serves_the_running_stack(stack: StackProcess) -> None:
    ready = stack.output().count("worker_ready")
    worker = stack.run("compose", "worker")
    try:
        wait_until(lambda: stack.output().count("worker_ready") > ready, "the second worker")
    finally:
        worker.terminate()
        assert worker.wait(DEADLINE_S) == 0


def listed(stack: StackProcess, service: str) -> list[str]:
    """Return the targets of the processes that were started beside the stack's own."""
    paths = (stack.data_dir / "metrics").glob(f"{service}-*.json")
    return [json.loads(path.read_text())[0]["targets"][0] for path in paths]


@pytest.mark.parametrize(
    ("arguments", "service", "metric"),
    [
        (("worker",), "worker", "rivulet_worker_slots"),
        (("consumer", "usage"), "analytics", "rivulet_analytics_consumer_pending"),
    ],
)
def test_one_more_process_is_listed_for_prometheus_while_it_runs(
    stack: StackProcess, arguments: tuple[str, ...], service: str, metric: str
) -> None:
    def is_scraped() -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return metric in httpx.get(f"http://{target}/metrics").text
        return False

    one_more = stack.run("compose", *arguments)
    try:
        wait_until(lambda: listed(stack, service), "the file of targets")
        (target,) = listed(stack, service)
        wait_until(is_scraped, metric)
    finally:
        one_more.terminate()
        assert one_more.wait(DEADLINE_S) == 0
    assert listed(stack, service) == []


def test_one_more_process_that_is_killed_is_listed_no_more(stack: StackProcess) -> None:
    started = stack.output().count("consumers_started")
    one_more = stack.run("compose", "consumer", "usage")
    wait_until(lambda: stack.output().count("consumers_started") > started, "the consumer")
    (child,) = psutil.Process(one_more.pid).children()
    child.kill()
    assert one_more.wait(DEADLINE_S) == 128 + signal.SIGKILL
    assert listed(stack, "analytics") == []


def test_one_more_process_ends_with_the_command_that_started_it(stack: StackProcess) -> None:
    started = stack.output().count("consumers_started")
    one_more = stack.run("compose", "consumer", "usage")
    wait_until(lambda: stack.output().count("consumers_started") > started, "the consumer")
    children = psutil.Process(one_more.pid).children(recursive=True)
    one_more.kill()
    one_more.wait(DEADLINE_S)
    assert psutil.wait_procs(children, DEADLINE_S)[1] == []
    # Nobody was left to do it: it is forgotten with the next start of the stack.
    (stack.data_dir / "metrics" / f"analytics-{one_more.pid}.json").unlink()


@pytest.mark.parametrize("command", ["worker", "consumer"])
def test_one_more_process_without_a_stack_says_how_to_start_one(
    command: str, tmp_path: Path
) -> None:
    code, said = finish(StackProcess(tmp_path / "none"), command)
    assert code == 1
    assert "make up" in said
    assert f"make {command}" in said


def test_a_stack_finds_what_an_empty_setting_leaves_open(tmp_path: Path) -> None:
    stack = StackProcess(tmp_path / "empty", **_SCRIPTED, NATS_URL="", METRICS_PORT="")
    try:
        assert ask(stack.start()).status_code == 200
        port = stack.stack_settings["RIVULET_METRICS_PORT"]
        assert httpx.get(f"http://127.0.0.1:{port}/metrics").status_code == 200
    finally:
        assert stack.stop() == 0


def test_down_without_a_stack_is_fine(tmp_path: Path) -> None:
    code, said = finish(StackProcess(tmp_path / "none"), "down")
    assert code == 0
    assert "No stack runs" in said


def test_another_data_dir_runs_beside_it_and_keeps_its_data_over_a_kill(
    stack: StackProcess, tmp_path: Path
) -> None:
    beside = StackProcess(tmp_path / "beside", **_SCRIPTED).start()
    try:
        assert ask(stack).status_code == ask(beside).status_code == 200
        key, ports = beside.api_key, beside.stack_settings
        assert not set(ports.values()) & set(stack.stack_settings.values()) - {"127.0.0.1"} - set(
            _SCRIPTED.values()
        )
        assert beside.process is not None
        beside.process.kill()
        beside.process.wait()
        beside.process = None
        beside.log_path.unlink()
        beside.start()
        # The key's row is in the store, the prompt's event in the broker's log.
        assert beside.api_key == key
        assert ask(beside).status_code == 200
        assert beside.stack_settings == ports
    finally:
        code, said = finish(beside, "down")
    assert (code, beside.process is not None and beside.process.wait(DEADLINE_S)) == (0, 0)
    assert "Stopped." in said
    assert processes_of(beside.data_dir) == []
