"""The servers of the tests keep their port and their data over kill -9."""

import nats
import pymongo

from tests.support.servers import NatsServer, StoreServer


async def test_the_broker_keeps_acknowledged_messages_over_kill_and_restart(
    fresh_nats_server: NatsServer,
) -> None:
    client = await nats.connect(fresh_nats_server.url)
    await client.jetstream().add_stream(name="S", subjects=["s.*"])
    await client.jetstream().publish("s.1", b"x" * 2_000_000)
    await client.close()

    fresh_nats_server.kill()
    fresh_nats_server.restart()

    client = await nats.connect(fresh_nats_server.url)
    assert (await client.jetstream().stream_info("S")).state.messages == 1
    assert client.max_payload == 8 * 1024 * 1024
    await client.close()


def test_the_store_keeps_acknowledged_documents_over_kill_and_restart(
    fresh_store_server: StoreServer,
) -> None:
    with pymongo.MongoClient(fresh_store_server.url) as client:
        client["d"]["c"].insert_one({"_id": "a"})

    fresh_store_server.kill()
    fresh_store_server.restart()

    with pymongo.MongoClient(fresh_store_server.url) as client:
        assert client["d"]["c"].find_one({"_id": "a"}) == {"_id": "a"}
