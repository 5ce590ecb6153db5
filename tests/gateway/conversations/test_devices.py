"""What is done over HTTP on one device is heard on another, which then reads what it was told."""

from tests.gateway.conversations.conftest import Talker
from tests.gateway.feed.devices import new_device
from tests.gateway.gateway_process import GatewayProcess
from tests.gateway.users import User


async def test_another_device_hears_what_is_done_over_http_and_reads_it_at_once(
    gateway: GatewayProcess, ada: Talker
) -> None:
    key = ada.http.headers["authorization"].removeprefix("Bearer ")
    async with new_device(gateway, User(ada.user_id, key)) as device:
        made = (await ada.http.post("/api/conversations", json={"title": "Rivers"})).json()
        c = made["conversation_id"]
        path = f"/api/conversations/{c}"
        created = await device.next()
        assert created.data == {"conversation_id": c, "change": "created", "title": "Rivers"}
        await ada.http.patch(path, json={"title": "Lakes"})
        assert (await device.next()).data["title"] == "Lakes"
        assert (await ada.open(c))["conversation"]["title"] == "Lakes"
        assert (await ada.http.delete(path)).is_success
        assert (await device.next()).data == {"conversation_id": c, "change": "deleted"}
