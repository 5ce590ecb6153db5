"""The main job on real parts: one command, a prompt over HTTP, real vLLM tokens through the log."""

import re
import shlex
import signal
import stat
import time
from collections.abc import Iterator
from typing import Any, NamedTuple, Self

import httpx
import psutil
import pymongo
import pytest
from openai import NotFoundError, OpenAI

from schemas import documents
from tests.bench.faults import vllm_kill
from tests.bench.faults.round import Options, Round
from tests.support.stack_process import StackProcess

_DEADLINE_S = 20.0
# A worker loads its model meanwhile.
_SECOND_WORKER_S = 180.0
_QUESTION = "What is Rivulet?"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    stack = StackProcess(tmp_path_factory.mktemp("spine") / "data").start()
    yield stack
    assert stack.stop() == 0


@pytest.fixture(scope="module")
def client(stack: StackProcess) -> OpenAI:
    return OpenAI(base_url=f"{stack.url}/v1", api_key=stack.api_key, max_retries=0)


@pytest.fixture(scope="module")
def store(stack: StackProcess) -> Iterator[pymongo.MongoClient[dict[str, Any]]]:
    with pymongo.MongoClient[dict[str, Any]](stack.stack_settings["RIVULET_MONGO_URL"]) as store:
        yield store


def ask(client: OpenAI, content: str, **parameters: Any) -> Any:
    return client.chat.completions.create(
        model="rivulet-demo", messages=[{"role": "user", "content": content}], **parameters
    )


def stored(collection: Any, query: dict[str, str]) -> list[dict[str, Any]]:
    """Return the documents once the reply that they belong to is complete."""
    deadline = time.monotonic() + _DEADLINE_S
    while time.monotonic() < deadline:
        found = list(collection.find(query))
        if found and all(document.get("status") != "pending" for document in found):
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing complete for {query}")


def test_the_openai_client_gets_the_same_answer_streaming_and_not(client: OpenAI) -> None:
    whole = ask(client, _QUESTION, temperature=0)
    text = whole.choices[0].message.content
    assert "Rivulet" in text
    assert whole.choices[0].finish_reason == "stop"
    assert whole.usage.completion_tokens > 5
    chunks = list(
        ask(client, _QUESTION, temperature=0, stream=True, stream_options={"include_usage": True})
    )
    deltas = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(deltas) == text
    assert len(deltas) > 5
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens
    assert chunks[-1].usage.prompt_tokens == whole.usage.prompt_tokens


def test_the_printed_curl_answers(stack: StackProcess) -> None:
    start = stack.output().index("curl ")
    printed = re.sub(r"\x1b\[[0-9;]*m", "", stack.output()[start:])
    command = re.match(r"(?:.*\\\n)*.*", printed)
    assert command is not None
    words = shlex.split(command[0].replace("\\\n", " "))
    url = next(word for word in words if word.startswith("http"))
    headers = [words[i + 1] for i, word in enumerate(words) if word in ("-H", "--header")]
    body = next(words[i + 1] for i, word in enumerate(words) if word in ("-d", "--data"))
    sent = dict(header.split(": ", 1) for header in headers)
    key_file = re.search(r"\$\(cat (\S+?)\)", sent["Authorization"])
    assert key_file is not None
    assert (stack.data_dir / "dev-api-key").samefile(key_file[1])
    sent["Authorization"] = f"Bearer {stack.api_key}"
    answer = httpx.post(url, headers=sent, content=body, timeout=30)
    assert answer.status_code == 200
    assert answer.text.endswith("data: [DONE]\n\n")


def test_the_api_key_and_the_settings_are_readable_by_their_owner_alone(
    stack: StackProcess,
) -> None:
    for name in ("dev-api-key", "stack.env", "secret"):
        assert stat.S_IMODE((stack.data_dir / name).stat().st_mode) == 0o600


def test_an_exchange_and_its_usage_are_stored(
    stack: StackProcess, client: OpenAI, store: pymongo.MongoClient[dict[str, Any]]
) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model="rivulet-demo",
        messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hello"}],
    )
    answer = raw.parse()
    reply_id = raw.headers["x-reply-id"]
    messages = stored(store[documents.CHAT_DATABASE][documents.MESSAGES], {"reply_id": reply_id})
    by_role = {message["role"]: message for message in messages}
    assert by_role["user"]["content"] == "hello"
    assert by_role["assistant"]["content"] == answer.choices[0].message.content
    assert by_role["assistant"]["status"] == "completed"
    [usage] = stored(store[documents.USAGE_DATABASE][documents.USAGE], {"_id": reply_id})
    assert answer.usage is not None
    assert usage["prompt_tokens"] == answer.usage.prompt_tokens
    assert usage["completion_tokens"] == answer.usage.completion_tokens
    assert usage["attempts"] == 1
    assert usage["user_id"] == by_role["user"]["user_id"]


def frames_of(stream: str) -> list[str]:
    """Return the events of frames; where catching up ended depends on the moment."""
    return [event for event in stream.split("\n\n") if event.startswith("id: ")]


def test_a_native_prompt_streams_with_cursors_and_becomes_a_conversation(
    stack: StackProcess, store: pymongo.MongoClient[dict[str, Any]]
) -> None:
    headers = {"Authorization": f"Bearer {stack.api_key}"}
    accepted = httpx.post(
        f"{stack.url}/api/prompts",
        headers=headers,
        json={"model": "rivulet-demo", "content": _QUESTION, "params": {"temperature": 0}},
    )
    assert accepted.status_code == 202
    ids = accepted.json()
    events = f"{stack.url}/api/replies/{ids['reply_id']}/events"
    whole = frames_of(httpx.get(events, headers=headers, timeout=30).text)
    assert '"done":true' in whole[-1]
    cursor = re.findall(r"^id: (\S+)$", whole[3], re.MULTILINE)[0]
    rest = httpx.get(events, headers={**headers, "Last-Event-ID": cursor}, timeout=30).text
    assert frames_of(rest) == whole[4:]
    messages = stored(
        store[documents.CHAT_DATABASE][documents.MESSAGES],
        {"conversation_id": ids["conversation_id"]},
    )
    assert {message["_id"] for message in messages} == {
        ids["user_message_id"],
        ids["assistant_message_id"],
    }


def test_an_unknown_model_is_refused_with_the_openai_error(client: OpenAI) -> None:
    with pytest.raises(NotFoundError) as refused:
        client.chat.completions.create(
            model="no-such-model", messages=[{"role": "user", "content": "hi"}]
        )
    assert refused.value.code == "model_not_found"
    assert refused.value.param == "model"


class ReachableStack(NamedTuple):
    """What a fault round needs to know of a stack that it did not start."""

    ports: list[int]
    api_key: str
    broker_url: str
    store_url: str

    @classmethod
    def of(cls, stack: StackProcess) -> Self:
        settings = stack.stack_settings
        urls = settings["RIVULET_NATS_URL"], settings["RIVULET_MONGO_URL"]
        return cls([stack.port], stack.api_key, *urls)


@pytest.fixture
def second_worker(
    stack: StackProcess, client: OpenAI, store: pymongo.MongoClient[dict[str, Any]]
) -> Iterator[None]:
    """A worker beside the stack's own, as ``make worker`` starts one; both of them answer."""
    second = stack.run("workers")
    usage = store[documents.USAGE_DATABASE][documents.USAGE]
    deadline = time.monotonic() + _SECOND_WORKER_S
    workers: set[str] = set()
    try:
        while len(workers) < 2:
            assert time.monotonic() < deadline, f"only {workers} served"
            assert second.poll() is None, stack.output()[-3000:]
            assert ask(client, "thanks").choices[0].message.content
            workers = {document["worker"] for document in usage.find({})}
        yield
    finally:
        second.send_signal(signal.SIGTERM)
        assert second.wait(60) == 0


async def test_answers_of_a_killed_worker_go_on_at_the_other_as_if_undisturbed(
    stack: StackProcess, second_worker: None
) -> None:
    assert stack.process is not None
    children = psutil.Process(stack.process.pid).children(recursive=True)
    engines = [child for child in children if "VLLM" in " ".join(child.cmdline())]
    worker = next(c for c in children if "workers" in c.cmdline() and c not in engines)

    async def kill() -> None:
        worker.kill()

    options = Options(injections=1, rate=1.0, replies=40, seed="spine")
    current = Round(vllm_kill.FAULT, ReachableStack.of(stack), options)
    await current.judge(await vllm_kill.ask_and_kill(current, worker.pid, kill))
    assert current.result.clean, current.result
    # Each was interrupted at a token of its own. A kill that comes late finds only the longest
    # answers of this worker still running; five runs found 12 to 22.
    assert current.result.notes["replies_taken_over"] >= 5
    # No engine process outlives its worker: it would keep the memory that the next one needs.
    assert engines
    gone, alive = psutil.wait_procs([worker, *engines], timeout=10)
    assert not alive
    assert len(gone) == len(engines) + 1


def test_a_killed_worker_is_started_again(client: OpenAI) -> None:
    # The second one has stopped: only the one that was killed can answer.
    answer = ask(client.with_options(timeout=_SECOND_WORKER_S), "hello")
    assert answer.choices[0].message.content


def usage_ids(client: pymongo.MongoClient[dict[str, Any]]) -> set[str]:
    return {row["_id"] for row in client[documents.USAGE_DATABASE][documents.USAGE].find({})}


def test_data_survives_a_restart_of_the_stack(
    stack: StackProcess, store: pymongo.MongoClient[dict[str, Any]]
) -> None:
    key, before = stack.api_key, usage_ids(store)
    assert before
    assert stack.stop() == 0
    stack.start()
    assert stack.api_key == key
    with pymongo.MongoClient[dict[str, Any]](stack.stack_settings["RIVULET_MONGO_URL"]) as again:
        # The last replies before the stop may have been counted after it.
        assert before <= usage_ids(again)
    client = OpenAI(base_url=f"{stack.url}/v1", api_key=key)
    assert ask(client, "hello").choices[0].message.content
