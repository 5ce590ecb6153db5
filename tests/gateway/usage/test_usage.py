"""What people see of what they have used, and admins of everybody and everything."""

from typing import Any

import httpx
import pytest
from nats.js.api import DeliverPolicy

from gateway.api_key_store import MongoApiKeyStore
from gateway.dev_key import USER
from gateway.store_client import open_store
from schemas import ids
from schemas.events import Failure, ReplyFinished, Timings, Usage
from schemas.histogram import histogram_of
from schemas.streams import archive_consumer, declare_consumer, projection_consumer
from tests.analytics.consumer_process import eventually, publish, publisher
from tests.analytics.replies import end_of, prompt_of
from tests.gateway.accounts.conftest import Person
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.stand_in_worker import StandInWorker
from tests.gateway.usage.conftest import HOUR_MS

DAY_MS = 24 * HOUR_MS


def ended(user_id: str, at_ms: int, **changes: Any) -> ReplyFinished:
    """Return a reply of ten prompt tokens, four of them cached, and three of its own."""
    model = changes.pop("model", "cheap")
    prompt = prompt_of(user_id, model=model, submitted_at_ms=at_ms - 500)
    fields: dict[str, Any] = {
        "finished_at_ms": at_ms,
        "usage": Usage(prompt_tokens=10, completion_tokens=3, cached_tokens=4),
        "timings": Timings(queue_ms=100, first_token_ms=200, total_ms=500),
        "inter_token_ms": histogram_of([10, 20]),
    }
    return end_of(prompt, **{**fields, **changes})


async def seen(http: httpx.AsyncClient, path: str = "/api/usage", **query: Any) -> dict[str, Any]:
    answer = await http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def counted(http: httpx.AsyncClient, replies: int, **query: Any) -> dict[str, Any]:
    """Return the usage once it has so many replies."""

    async def found() -> int:
        return int((await seen(http, **query))["totals"]["replies"])

    await eventually(found, replies)
    return await seen(http, **query)


async def test_a_user_sees_tokens_and_cost_by_model_and_over_time(
    counting: None, ada: Person, bob: Person, nats_url: str, this_hour_ms: int
) -> None:
    broken = {"status": "failed", "error": Failure("engine_error", "It broke.")}
    mine = [
        ended(ada.user_id, this_hour_ms),
        ended(ada.user_id, this_hour_ms + 1, status="cancelled", attempts=2),
        ended(ada.user_id, this_hour_ms - 2 * HOUR_MS, model="unpriced", **broken),
        ended(ada.user_id, this_hour_ms - 40 * DAY_MS),
    ]
    async with publisher(nats_url) as broker:
        await publish(broker, *mine, mine[0], ended(bob.user_id, this_hour_ms))

    hourly = await counted(ada.http, 3, interval="hour")
    assert hourly["totals"] == {
        "replies": 3,
        "completed": 1,
        "cancelled": 1,
        "failed": 1,
        "failed_over": 1,
        "titles": 0,
        "prompt_tokens": 30,
        "cached_tokens": 12,
        "completion_tokens": 9,
        # Of two replies: 2 * (6 * 1 + 4 * 0.5 + 3 * 2) millionths.
        "cost": 0.000028,
    }
    assert (hourly["currency"], hourly["unpriced"]) == ("EUR", ["unpriced"])
    assert [(point["at_ms"], point["replies"], point["cost"]) for point in hourly["series"]] == [
        (this_hour_ms - 2 * HOUR_MS, 1, None),
        (this_hour_ms, 2, 0.000028),
    ]
    assert [(model["model"], model["replies"]) for model in hourly["models"]] == [
        ("cheap", 2),
        ("unpriced", 1),
    ]

    daily = await counted(ada.http, 4, since=this_hour_ms - 60 * DAY_MS)
    assert daily["interval"] == "day"
    assert all(point["at_ms"] % DAY_MS == 0 for point in daily["series"])
    assert sum(point["replies"] for point in daily["series"]) == 4
    # His reply is a batch of its own, perhaps a later one.
    assert (await counted(bob.http, 1))["totals"]["replies"] == 1


async def test_a_period_holds_the_hours_of_both_its_ends(
    counting: None, ada: Person, nats_url: str, this_hour_ms: int
) -> None:
    async with publisher(nats_url) as broker:
        await publish(broker, *(ended(ada.user_id, this_hour_ms - n * HOUR_MS) for n in range(4)))
    await counted(ada.http, 4, interval="hour")

    period = {"since": this_hour_ms - 2 * HOUR_MS + 5, "until": this_hour_ms - HOUR_MS + 5}
    some = await seen(ada.http, interval="hour", **period)
    assert [point["at_ms"] for point in some["series"]] == [
        this_hour_ms - 2 * HOUR_MS,
        this_hour_ms - HOUR_MS,
    ]
    assert (some["since_ms"], some["until_ms"]) == (this_hour_ms - 2 * HOUR_MS, this_hour_ms)


async def test_whoever_has_used_nothing_sees_nothing(counting: None, ada: Person) -> None:
    usage = await seen(ada.http)
    assert usage["totals"]["replies"] == 0
    assert usage["totals"]["cost"] is None
    assert usage["series"] == usage["models"] == usage["unpriced"] == []


async def test_an_admin_sees_everybody_the_times_and_how_the_instance_does(
    counting: None,
    admin: Person,
    ada: Person,
    bob: Person,
    nats_url: str,
    this_hour_ms: int,
    worker: StandInWorker,
    model: str,
) -> None:
    at_ms = this_hour_ms - 100 * DAY_MS
    many = [ended(ada.user_id, at_ms, model=model) for _ in range(3)]
    error = Failure("poison", "It kills.")
    failed = ended(bob.user_id, at_ms, model=model, status="failed", error=error)
    async with publisher(nats_url) as broker:
        await publish(broker, *many, failed)
    await ada.http.post("/api/prompts", json={"model": model, "content": "Wait."})

    async def everybody() -> dict[str, Any]:
        period = {"since": at_ms, "until": at_ms, "interval": "hour"}
        return await seen(admin.http, "/api/admin/usage", **period)

    async def replies() -> int:
        return int((await everybody())["totals"]["replies"])

    await eventually(replies, 4)
    usage = await everybody()
    assert usage["totals"]["errors"] == {"poison": 1}
    assert usage["totals"]["clients"] == {"api": 4}
    latency = usage["models"][0]["latency"]
    assert latency["queue_ms"]["p50"] == pytest.approx(100, rel=0.1)
    assert latency["first_token_ms"]["p99"] == pytest.approx(200, rel=0.1)
    assert latency["inter_token_ms"]["p50"] == pytest.approx(10, rel=0.1)
    assert latency["inter_token_ms"]["p95"] == pytest.approx(20, rel=0.1)
    assert [(user["user_id"], user["replies"], user["email"]) for user in usage["users"]] == [
        (ada.user_id, 3, ada.email),
        (bob.user_id, 1, bob.email),
    ]

    async def queued() -> list[dict[str, Any]]:
        live = (await everybody())["live"]
        return [one for one in live["models"] if one["model"] == model]

    slots = {"workers": 1, "draining": 0, "slots": 8, "free": 8, "tokens_per_s": 0.0}
    await eventually(queued, [{"model": model, "queued": 1, **slots}])
    lags = {one["name"]: one for one in (await everybody())["live"]["consumers"]}
    assert lags["usage"] == {"name": "usage", "pending": 0, "in_hand": 0, "behind_ms": 0}


async def test_an_admin_sees_the_name_of_dev_and_which_replies_were_titles(
    counting: None, admin: Person, nats_url: str, mongo_url: str, this_hour_ms: int
) -> None:
    async with open_store(mongo_url) as store:
        dev = await MongoApiKeyStore(store).user_named(USER)
    gone = ids.new_user_id()
    at_ms = this_hour_ms - 200 * DAY_MS
    replies = [ended(dev, at_ms), ended(dev, at_ms), ended(dev, at_ms, kind="title")]
    async with publisher(nats_url) as broker:
        await publish(broker, *replies, ended(gone, at_ms))

    async def users() -> list[tuple[str, ...]]:
        period = {"since": at_ms, "until": at_ms, "interval": "hour"}
        found = (await seen(admin.http, "/api/admin/usage", **period))["users"]
        fields = ("user_id", "name", "email", "replies", "titles")
        return [tuple(user[field] for field in fields) for user in found]

    await eventually(users, [(dev, "dev", "", 3, 1), (gone, "", "", 1, 0)])


async def test_a_consumer_that_stands_still_is_told_by_the_age_of_its_oldest_event(
    admin: Person, nats_url: str, this_hour_ms: int
) -> None:
    async with publisher(nats_url) as broker:
        await declare_consumer(broker, projection_consumer("stuck", ["chat.*.finished.stuck"]))
        try:
            await publish(broker, *(ended(admin.user_id, this_hour_ms, model="stuck"),) * 2)

            async def stuck() -> tuple[int, bool]:
                live = (await seen(admin.http, "/api/admin/usage"))["live"]
                (lag,) = (one for one in live["consumers"] if one["name"] == "stuck")
                return lag["pending"], 0 < lag["behind_ms"] < 20_000

            await eventually(stuck, (2, True))
        finally:
            await broker.jetstream().delete_consumer("CHAT", "stuck")


async def test_what_the_archive_gathers_is_no_lag(
    admin: Person, nats_url: str, this_hour_ms: int
) -> None:
    async with publisher(nats_url) as broker:
        # One that gathers: what it was given waits for its acknowledgement. Other tests' events
        # are older than it may leave them.
        await declare_consumer(broker, archive_consumer().evolve(deliver_policy=DeliverPolicy.NEW))
        try:
            await publish(broker, ended(admin.user_id, this_hour_ms))
            pull = await broker.jetstream().pull_subscribe_bind("archive", "CHAT")
            await pull.fetch(1, timeout=10)

            async def archive() -> tuple[bool, int]:
                live = (await seen(admin.http, "/api/admin/usage"))["live"]
                (lag,) = (one for one in live["consumers"] if one["name"] == "archive")
                return lag["in_hand"] > 0, lag["behind_ms"]

            await eventually(archive, (True, 0))
        finally:
            await broker.jetstream().delete_consumer("CHAT", "archive")


@pytest.mark.parametrize("path", ["/api/usage", "/api/admin/usage"])
@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"interval": "week"}, "interval"),
        ({"since": "yesterday"}, "since"),
        ({"since": "-1"}, "since"),
        ({"since": "0"}, "since"),
        ({"since": "1e3"}, "since"),
        ({"since": "٣"}, "since"),
        ({"since": str(2**60)}, "since"),
        ({"until": "9" * 40}, "until"),
        ({"until": "NaN"}, "until"),
        ({"since": "5000000000000", "until": "4000000000000"}, "since"),
        ({"since": "1"}, "since"),
        ({"since": "1", "until": str(33 * DAY_MS), "interval": "hour"}, "since"),
    ],
)
async def test_a_period_that_is_none_is_refused_and_named(
    admin: Person, path: str, query: dict[str, str], param: str
) -> None:
    answer = await admin.http.get(path, params=query)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_only_admins_see_everybody(ada: Person, stranger: httpx.AsyncClient) -> None:
    assert (await ada.http.get("/api/admin/usage")).status_code == 403
    assert (await stranger.get("/api/admin/usage")).status_code == 401
    key = (await ada.http.post("/api/keys", json={"name": "k"})).json()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    assert (await stranger.get("/api/usage", headers=headers)).status_code == 200
    assert (await stranger.get("/api/admin/usage", headers=headers)).status_code == 403


def test_prices_that_are_no_numbers_refuse_to_start_with_a_sentence(
    open_gateway: GatewayProcess, tmp_path: Any
) -> None:
    bad = '{"currency": "EUR", "models": {"m": {"prompt": "a lot", "completion": 1}}}'
    process = GatewayProcess(tmp_path, "nats://127.0.0.1:1", "mongodb://127.0.0.1:1", PRICES=bad)
    answer = process.run("serve")
    assert answer.returncode == 1
    assert "RIVULET_PRICES" in answer.stderr
    assert '"prompt" of \'m\' must be a number, not "a lot"' in answer.stderr
    assert "Traceback" not in answer.stderr
