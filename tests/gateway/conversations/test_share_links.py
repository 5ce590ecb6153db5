"""What a public link shows."""

import httpx

from tests.gateway.conversations.conftest import Talker
from tests.gateway.gateway_process import GatewayProcess


async def test_a_link_that_was_made_while_the_answer_streamed_shows_it_once_it_is_finished(
    ada: Talker, gateway: GatewayProcess
) -> None:
    asked = await ada.ask("What is a heron?")
    writer = await ada.worker.attempt(await ada.worker.next_prompt())
    await writer.say("A ")
    path = f"/api/conversations/{asked['conversation_id']}"
    link = (await ada.http.post(f"{path}/share", json={})).json()["share_path"]

    async with httpx.AsyncClient(base_url=gateway.url) as anybody:

        async def shown() -> list[str]:
            return [m["content"] for m in (await anybody.get(link)).json()["messages"]]

        while_it_streams = await shown()
        await writer.say("bird.")
        await writer.end()
        await ada.open(asked["conversation_id"])
        finished = await shown()
        await ada.talk("And a stork?", "Another.", conversation_id=asked["conversation_id"])
        await ada.open(asked["conversation_id"])
        afterwards = await shown()

    assert while_it_streams == ["What is a heron?"]
    assert finished == afterwards == ["What is a heron?", "A bird."]
