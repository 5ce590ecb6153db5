"""Pull requests are accounted for as the broker serves them."""

import asyncio
import secrets

import structlog
from nats.aio.msg import Msg

from schemas import subjects
from schemas.streams import declare_consumer, worker_consumer
from tests.gateway.eventually import eventually
from tests.support.asking import Asker
from workers import prompt_puller
from workers.prompt_puller import PromptPuller


async def test_requests_that_are_served_in_turns_leave_none_that_the_broker_has_forgotten(
    nats_url: str,
) -> None:
    model = f"m{secrets.token_hex(4)}"
    delivered: asyncio.Queue[Msg] = asyncio.Queue()
    free = 2
    async with Asker.connected(nats_url) as asker:
        await declare_consumer(asker.broker, worker_consumer(model))

        async def never() -> None:
            raise AssertionError("the consumer is there")

        def take(message: Msg) -> None:
            nonlocal free
            free -= 1
            delivered.put_nowait(message)

        puller = PromptPuller(
            asker.broker,
            subjects.worker_consumer(model),
            free_slots=lambda: free,
            on_prompt=take,
            on_gone=never,
        )
        jetstream = asker.broker.jetstream()

        async def requests_at_the_broker() -> int:
            info = await jetstream.consumer_info("CHAT", subjects.worker_consumer(model))
            return info.num_waiting or 0

        running = asyncio.create_task(puller.run())
        await eventually(requests_at_the_broker, lambda count: count == 1)
        # A second request for one more, beside the first one for two.
        free = 3
        puller.slots_changed()
        await eventually(requests_at_the_broker, lambda count: count == 2)
        # Of two prompts the first goes to the first request, the other to the second, which is
        # done with it.
        with structlog.testing.capture_logs() as logs:
            for number in range(2):
                await asker.submit(asker.prompt(str(number), model))
            for _ in range(2):
                await (await asyncio.wait_for(delivered.get(), 10)).ack()
            # Longer than a request may be silent: the one that is left has its heartbeats.
            await asyncio.sleep(prompt_puller._DEAD_AFTER_S + 2 * prompt_puller._CHECK_S)
        assert await requests_at_the_broker() == 1
        running.cancel()
    assert [line for line in logs if line["event"] == "pull_request_lost"] == []
