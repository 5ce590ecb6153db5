"""Prometheus and Grafana are set up for the metrics that the running stack really exposes."""

import asyncio
import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.promtool import promtool
from tests.support.stack_process import StackProcess

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "compose" / "prometheus"
DASHBOARD = ROOT / "compose" / "grafana" / "dashboards" / "rivulet.json"
_NAME = re.compile(r"\brivulet_\w+")
# What the samples of a histogram are called beside its name.
_SUFFIXES = ("_bucket", "_count", "_sum")
_LOOKED_AT = (
    "rivulet_gateway_workers_alive",
    "rivulet_analytics_consumer_pending",
    "rivulet_analytics_event_lag_seconds_bucket",
)
# Beside the reply's these are bounded, too: a route's template, a library's own names.
_LABELS = {
    "route",
    "method",
    "status",
    "client",
    "by",
    "reason",
    "code",
    "type",
    "model",
    "consumer",
    "error",
    "le",
    "app_name",
    "broker",
    "handler",
    "exception_type",
}


def run_promtool(*arguments: str, stdin: str = "") -> None:
    done = subprocess.run(
        [promtool(), *arguments],
        cwd=PROMETHEUS,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def dashboard_expressions() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def scraped(port: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text: str = answer.read().decode()
    return text


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What each service of a stack exposes that has answered, by the targets that it writes."""
    folder = tmp_path_factory.mktemp("stack")
    archive = str(folder / "archive")
    stack = StackProcess(folder / "data", ENGINE="scripted", ARCHIVE_DIR=archive)
    try:
        stack.start()
        asyncio.run(_use(stack))
        yield settled(stack)
    finally:
        stack.stop()


async def _use(stack: StackProcess) -> None:
    headers = {"Authorization": f"Bearer {stack.api_key}"}
    body = {"model": "rivulet-demo", "messages": [{"role": "user", "content": "tell"}]}
    async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=30) as http:
        answer = await http.post("/v1/chat/completions", json=body)
        assert answer.status_code == 200, answer.text


def settled(stack: StackProcess) -> dict[str, str]:
    """Return the expositions once what is looked at every few seconds was looked at."""
    targets = json.loads((stack.data_dir / "metrics" / "stack.json").read_text())
    deadline = time.monotonic() + 30
    while True:
        found = {
            group["labels"]["service"]: scraped(group["targets"][0].rpartition(":")[2])
            for group in targets
        }
        seen = all(f"{name}{{" in "".join(found.values()) for name in _LOOKED_AT)
        if seen and 'rivulet_worker_replies_total{error="",status="completed"}' in found["worker"]:
            return found
        assert time.monotonic() < deadline, "the metrics are not all there"
        time.sleep(0.2)


def names_in(text: str) -> set[str]:
    """Return the names under which the samples of an exposition can be asked for."""
    names: set[str] = set()
    for family in text_string_to_metric_families(text):
        names |= {sample.name for sample in family.samples}
        if family.type == "histogram":
            names |= {family.name + suffix for suffix in _SUFFIXES}
    return names


def test_the_configuration_and_the_alerts_are_valid(tmp_path: Path) -> None:
    run_promtool("check", "config", "prometheus.yml")
    run_promtool("check", "rules", "alerts.yml")


def test_alerts_come_when_they_should() -> None:
    run_promtool("test", "rules", "alerts_test.yml")


def test_the_dashboards_expressions_are_valid(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "5m")}
        for number, expression in enumerate(dashboard_expressions())
    ]
    path = tmp_path / "dashboard.json"
    path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    run_promtool("check", "rules", str(path))


def test_alerts_and_dashboard_ask_only_for_metrics_that_the_stack_exposes(
    exposed: dict[str, str],
) -> None:
    known = {name for text in exposed.values() for name in names_in(text)}
    asked = "\n".join([(PROMETHEUS / "alerts.yml").read_text(), *dashboard_expressions()])
    assert set(_NAME.findall(asked)) - known == set()


@pytest.mark.parametrize("service", ["gateway", "analytics", "worker"])
def test_every_metric_is_named_after_its_service_and_well_formed(
    exposed: dict[str, str], service: str
) -> None:
    families = list(text_string_to_metric_families(exposed[service]))
    assert families
    assert [f.name for f in families if not f.name.startswith(f"rivulet_{service}_")] == []
    run_promtool("check", "metrics", stdin=exposed[service])


def test_labels_are_bounded_and_name_no_user(exposed: dict[str, str]) -> None:
    labels: dict[str, set[Any]] = {}
    for text in exposed.values():
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                for label, value in sample.labels.items():
                    labels.setdefault(label, set()).add(value)
    assert set(labels) - _LABELS == set()
    assert not [v for values in labels.values() for v in values if re.fullmatch("[a-z0-9]{20}", v)]
