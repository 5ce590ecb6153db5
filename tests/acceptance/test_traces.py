"""One reply is one trace, from the gateway over the broker to its worker and the consumers."""

import signal
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from analytics.usage_documents import usage_document
from schemas.settings import SettingsError, read_settings
from schemas.tracing import inject, span, tracer_provider
from tests.analytics.consumer_process import (
    STOP_WITHIN_S,
    consumers,
    eventually,
    publish,
    publisher,
    reader,
)
from tests.analytics.replies import end_of, prompt_of
from tests.analytics.store_contract import usage_of
from tests.support.servers import NatsServer, free_port
from tests.support.stack_process import StackProcess

_DEADLINE_S = 30.0
# The prompt comes to the history, the end to all three.
_EXPECTED = sorted(
    [
        ("rivulet-gateway", "prompt publish"),
        ("rivulet-worker", "reply"),
        ("rivulet-worker", "finished publish"),
        ("rivulet-analytics", "history process"),
        ("rivulet-analytics", "history process"),
        ("rivulet-analytics", "usage process"),
        ("rivulet-analytics", "titles process"),
    ]
)


class Seen(NamedTuple):
    """A span as a collector gets it."""

    service: str
    name: str
    trace_id: bytes
    span_id: bytes
    parent_id: bytes
    texts: str
    begins: int
    ends: int


class Collector:
    """Takes what OTLP/HTTP exporters send."""

    def __init__(self) -> None:
        self.spans: list[Seen] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.take(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"

    def take(self, request: ExportTraceServiceRequest) -> None:
        for of_service in request.resource_spans:
            named = {a.key: a.value.string_value for a in of_service.resource.attributes}
            for scope in of_service.scope_spans:
                for one in scope.spans:
                    self.spans.append(
                        Seen(
                            named["service.name"],
                            one.name,
                            one.trace_id,
                            one.span_id,
                            one.parent_span_id,
                            str(one),
                            one.start_time_unix_nano,
                            one.end_time_unix_nano,
                        )
                    )

    def traces_of(self, reply_id: str) -> set[bytes]:
        return {one.trace_id for one in self.spans if reply_id in one.texts}

    def wait_for(self, reply_id: str) -> list[Seen]:
        """Return the spans of a reply's one trace once they are all there."""
        deadline = time.monotonic() + _DEADLINE_S
        while True:
            traces = self.traces_of(reply_id)
            found = [one for one in self.spans if one.trace_id in traces]
            if sorted((one.service, one.name) for one in found) == _EXPECTED:
                return found
            assert time.monotonic() < deadline, [(one.service, one.name) for one in found]
            time.sleep(0.05)


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever)
    thread.start()
    yield collector
    collector.server.shutdown()
    collector.server.server_close()
    thread.join()


@pytest.fixture
def stack(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StackProcess]:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
    stack = StackProcess(tmp_path / "data", ENGINE="scripted", TRACES=collector.url)
    try:
        yield stack.start()
    finally:
        stack.stop()


def ask(stack: StackProcess, secret: str) -> str:
    headers = {"Authorization": f"Bearer {stack.api_key}"}
    body = {"model": "rivulet-demo", "messages": [{"role": "user", "content": secret}]}
    answer = httpx.post(
        f"{stack.url}/v1/chat/completions", json=body, headers=headers, timeout=_DEADLINE_S
    )
    assert answer.status_code == 200, answer.text
    return answer.headers["X-Reply-Id"]


def test_a_reply_is_one_trace_through_all_services(
    stack: StackProcess, collector: Collector
) -> None:
    secret = "tell nobody"
    reply_ids = [ask(stack, secret) for _ in range(2)]

    traces = []
    for reply_id in reply_ids:
        spans = collector.wait_for(reply_id)
        assert len({one.trace_id for one in spans}) == 1
        traces.append(spans[0].trace_id)
        by_id = {one.span_id: one for one in spans}
        (root,) = (one for one in spans if not one.parent_id)
        assert root.name == "prompt publish"
        parents = {(one.name, by_id[one.parent_id].name) for one in spans if one.parent_id in by_id}
        assert parents == {
            ("reply", "prompt publish"),
            ("history process", "prompt publish"),
            ("finished publish", "reply"),
            ("history process", "finished publish"),
            ("usage process", "finished publish"),
            ("titles process", "finished publish"),
        }
        assert all(one.begins <= one.ends for one in spans)
    assert len(set(traces)) == 2
    assert not [one for one in collector.spans if secret in one.texts]


async def test_a_collector_that_is_away_costs_no_event_and_no_clean_stop(
    tmp_path: Path, fresh_nats_server: NatsServer, mongo_url: str
) -> None:
    environment = {
        "RIVULET_NATS_URL": fresh_nats_server.url,
        "RIVULET_MONGO_URL": mongo_url,
        "RIVULET_TRACES": f"http://127.0.0.1:{free_port()}/v1/traces",
    }
    end = end_of(prompt_of())
    with consumers(tmp_path, "usage", **environment) as process:
        process.wait_until_started()
        async with publisher(fresh_nats_server.url) as broker, reader(mongo_url) as store:
            await publish(broker, end)
            await eventually(
                lambda: usage_of(store, end.user_id), {end.reply_id: usage_document(end)}
            )
        status, took_s = process.signal_and_wait(signal.SIGTERM)
    assert status == 0
    assert took_s < STOP_WITHIN_S


def test_where_traces_are_off_nothing_is_imported_and_nothing_is_added() -> None:
    headers: dict[str, str] = {}
    with span("a", "producer", reply_id="r") as one:
        one.say(tokens=1)
        one.fail("never")
        inject(headers)
    assert headers == {}
    assert tracer_provider() is None


@pytest.mark.parametrize("address", ["collector:4318", "ftp://x/y", "http://"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="RIVULET_TRACES"):
        read_settings({"RIVULET_TRACES": address})
