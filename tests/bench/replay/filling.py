"""Fill a log with turns, as fast as the broker takes them."""

import random
import time

from schemas import ids, subjects
from schemas.events import ChatMessage, encode_event
from schemas.streams import CHAT
from tests.analytics.consumer_process import publisher
from tests.analytics.replies import end_of, prompt_of

_USERS, _TURNS = 50, 10
_ACKED_EVERY = 500
_WORDS = 40


async def fill(url: str, events: int) -> str:
    """Publish prompts and ends, in conversations of ten turns that interleave; tell how many."""
    dice = random.Random(1)
    began = time.perf_counter()
    async with publisher(url) as broker:
        jetstream = broker.jetstream()
        open_ones: list[tuple[str, str, int]] = []
        for number in range(events // 2):
            if len(open_ones) < _USERS:
                user_id = ids.new_user_id()
                open_ones.append((user_id, ids.new_ulid(), 0))
            at = dice.randrange(len(open_ones))
            user_id, conversation_id, turns = open_ones[at]
            question = " ".join(f"w{dice.randrange(4_000)}" for _ in range(_WORDS))
            prompt = prompt_of(
                user_id,
                conversation_id=conversation_id,
                messages=(ChatMessage("user", question),),
            )
            end = end_of(prompt, text=question[::-1])
            subject = subjects.prompt(user_id, prompt.model, subjects.lane_of(conversation_id))
            await broker.publish(subject, encode_event(prompt))
            finished = subjects.finished(user_id, prompt.model)
            if number % _ACKED_EVERY == 0 or number == events // 2 - 1:
                await jetstream.publish(finished, encode_event(end), stream=CHAT)
            else:
                await broker.publish(finished, encode_event(end))
            open_ones[at] = (user_id, conversation_id, turns + 1)
            if turns + 1 == _TURNS:
                del open_ones[at]
        held = (await jetstream.stream_info(CHAT)).state
    took_s = time.perf_counter() - began
    assert held.messages == 2 * (events // 2), "the broker dropped some"
    return f"{held.messages} events of {held.bytes // held.messages} B in {took_s:.0f} s"
