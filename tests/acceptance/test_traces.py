"""One reply is one trace, from the gateway over the broker to its worker and the consumers."""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psutil
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
_ASKED = ("rivulet-gateway", "prompt publish")
_ANSWERED = [("rivulet-worker", "reply"), ("rivulet-worker", "finished publish")]
_ENDED_BY_GATEWAY = ("rivulet-gateway", "finished publish")
# The prompt comes to the history, the end to all three.
_HANDLED = [
    ("rivulet-analytics", "history process"),
    ("rivulet-analytics", "history process"),
    ("rivulet-analytics", "usage process"),
    ("rivulet-analytics", "titles process"),
]
_EXPECTED = [_ASKED, *_ANSWERED, *_HANDLED]
_TITLE_ASKED = ("rivulet-analytics", "prompt publish")
_LONG = {"max_tokens": 4000, "ignore_eos": True}
_MODEL = "rivulet-demo"


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

    def wait_for(
        self, reply_id: str, expected: Sequence[tuple[str, str]] = _EXPECTED
    ) -> list[Seen]:
        """Return the spans of all the traces that name a reply, once they are those expected."""
        deadline = time.monotonic() + _DEADLINE_S
        while True:
            traces = self.traces_of(reply_id)
            found = [one for one in self.spans if one.trace_id in traces]
            names = sorted((one.service, one.name) for one in found)
            if names == sorted(expected):
                return found
            assert time.monotonic() < deadline, names
            time.sleep(0.05)


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever)
    thread.start()
    yield collector
    collector.server.shutdown()
    collector.server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[StackProcess]:
    data_dir = tmp_path_factory.mktemp("stack") / "data"
    stack = StackProcess(data_dir, ENGINE="scripted", TRACES=collector.url)
    try:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
            stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def http(stack: StackProcess) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {stack.api_key}"}
    with httpx.Client(base_url=stack.url, headers=headers, timeout=_DEADLINE_S) as http:
        yield http


def chat(secret: str, **options: Any) -> dict[str, Any]:
    """Return the body of a chat completion."""
    return {"model": _MODEL, "messages": [{"role": "user", "content": secret}], **options}


def ask(http: httpx.Client, secret: str, **headers: str) -> str:
    answer = http.post("/v1/chat/completions", json=chat(secret), headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.headers["X-Reply-Id"])


def submit(http: httpx.Client, **params: Any) -> str:
    """Submit a prompt that begins a conversation; return its reply's id."""
    body = {"model": _MODEL, "content": "tell", "params": params}
    answer = http.post("/api/prompts", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["reply_id"])


def wait_for_text(http: httpx.Client, reply_id: str) -> None:
    """Wait until a worker has written something of the reply."""
    with http.stream("GET", f"/api/replies/{reply_id}/events") as answer:
        assert any('"delta"' in line for line in answer.iter_lines())


def cancel(http: httpx.Client, reply_id: str) -> None:
    answer = http.post(f"/api/replies/{reply_id}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled"), answer.text


@contextlib.contextmanager
def paused_worker(stack: StackProcess) -> Iterator[None]:
    assert stack.process is not None
    children = psutil.Process(stack.process.pid).children()
    (worker,) = (child for child in children if "workers" in child.cmdline())
    worker.suspend()
    try:
        yield
    finally:
        worker.resume()


def test_a_reply_is_one_trace_through_all_services(
    http: httpx.Client, collector: Collector
) -> None:
    secret = "tell nobody"
    reply_ids = [ask(http, secret) for _ in range(2)]

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


def test_a_reply_that_the_gateway_ends_stays_one_trace(
    stack: StackProcess, http: httpx.Client, collector: Collector
) -> None:
    with paused_worker(stack):
        reply_id = submit(http, **_LONG)
        cancel(http, reply_id)
        spans = collector.wait_for(reply_id, [_ASKED, _ENDED_BY_GATEWAY, *_HANDLED])
    assert len({one.trace_id for one in spans}) == 1


def test_a_cancel_of_a_running_reply_adds_no_trace(
    http: httpx.Client, collector: Collector
) -> None:
    reply_id = submit(http, **_LONG)
    wait_for_text(http, reply_id)
    cancel(http, reply_id)
    spans = collector.wait_for(reply_id, [*_EXPECTED, _ENDED_BY_GATEWAY])
    assert len({one.trace_id for one in spans}) == 1


def test_a_lost_connection_adds_no_trace(http: httpx.Client, collector: Collector) -> None:
    body = chat("tell", stream=True, **_LONG)
    with http.stream("POST", "/v1/chat/completions", json=body) as answer:
        reply_id = answer.headers["X-Reply-Id"]
        assert next(answer.iter_lines())
    spans = collector.wait_for(reply_id, [*_EXPECTED, _ENDED_BY_GATEWAY])
    assert len({one.trace_id for one in spans}) == 1


def test_a_title_is_a_part_of_the_trace_of_the_reply_that_asked_for_it(
    http: httpx.Client, collector: Collector
) -> None:
    reply_id = submit(http, max_tokens=4)
    title = [_TITLE_ASKED, *_ANSWERED, *_HANDLED]
    spans = collector.wait_for(reply_id, [*_EXPECTED, *title])
    by_id = {one.span_id: one for one in spans}
    assert len({one.trace_id for one in spans}) == 1
    (asked,) = (one for one in spans if (one.service, one.name) == _TITLE_ASKED)
    assert by_id[asked.parent_id].name == "titles process"


def test_the_trace_of_a_client_is_gone_on_with(http: httpx.Client, collector: Collector) -> None:
    trace_id, span_id = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    reply_id = ask(http, "tell", traceparent=f"00-{trace_id}-{span_id}-01", tracestate="a=b")
    spans = collector.wait_for(reply_id)
    assert {one.trace_id.hex() for one in spans} == {trace_id}
    (asked,) = (one for one in spans if one.name == "prompt publish")
    assert asked.parent_id.hex() == span_id
    assert not [one for one in spans if "a=b" in one.texts]
    # The next request of the same connection names none.
    others = collector.wait_for(ask(http, "tell"))
    assert trace_id not in {one.trace_id.hex() for one in others}


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
