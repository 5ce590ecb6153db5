"""A delta that the connection does not take is repaired from the log; nobody misses a token."""

import asyncio
from collections.abc import Callable

import pytest
from nats.errors import OutboundBufferLimitError

from schemas import subjects
from schemas.frames import Delta, Frame, decode_frame
from schemas.nats_client import NatsClient
from tests.support.asking import expected_text
from tests.workers.in_process import CommandedEngine, a_scene

_TOKENS = 200
_Publish = Callable[[NatsClient, str, bytes, str], None]
# Decides by how many deltas there were, this one among them, and by this one.
_When = Callable[[int, Delta], bool]


def refusing(publish: _Publish, refused: list[str], when: _When) -> _Publish:
    """Return a ``publish_now`` that refuses some deltas and notes whose they were."""
    deltas = 0

    def publish_or_refuse(self: NatsClient, subject: str, payload: bytes, reply: str = "") -> None:
        nonlocal deltas
        if subject.startswith(subjects.REPLY_PREFIX):
            deltas += 1
            delta = decode_frame(payload)
            assert isinstance(delta, Delta)
            if when(deltas, delta):
                refused.append(subject.removeprefix(subjects.REPLY_PREFIX))
                raise OutboundBufferLimitError
        publish(self, subject, payload, reply)

    return publish_or_refuse


def assert_no_gap(frames: list[Frame], tokens: int) -> None:
    """Check that each token was stored once, and before the next: not only when the reply ended."""
    offset = 0
    for frame in frames:
        if isinstance(frame, Delta):
            assert frame.offset == offset
            offset += len(frame.token_ids)
    assert offset == tokens


@pytest.mark.parametrize(
    "when",
    [
        pytest.param(lambda number, _: number == 1, id="the first"),
        pytest.param(lambda number, _: number % 7 == 0, id="each seventh"),
        pytest.param(lambda number, _: 20 < number <= 60, id="forty in a row"),
    ],
)
async def test_deltas_that_are_refused_are_sent_again(
    nats_url: str, monkeypatch: pytest.MonkeyPatch, when: _When
) -> None:
    refused: list[str] = []
    monkeypatch.setattr(NatsClient, "publish_now", refusing(NatsClient.publish_now, refused, when))
    async with a_scene(nats_url) as scene, scene.worker(nats_url, CommandedEngine()):
        asked = [scene.prompt(f"tell {i}", max_tokens=_TOKENS, ignore_eos=True) for i in range(3)]
        await asyncio.gather(*(scene.submit(prompt) for prompt in asked))
        for prompt in asked:
            folded = await scene.read_to_end(prompt.reply_id)
            assert folded.text == expected_text(prompt)
            assert_no_gap(await scene.frames(prompt.reply_id), _TOKENS)
    assert refused


async def test_the_last_delta_of_a_reply_is_not_lost_either(
    nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []
    monkeypatch.setattr(
        NatsClient,
        "publish_now",
        refusing(NatsClient.publish_now, refused, lambda _, delta: delta.finish is not None),
    )
    async with a_scene(nats_url) as scene, scene.worker(nats_url, CommandedEngine()):
        prompt = await scene.submit(scene.prompt("tell", max_tokens=20, ignore_eos=True))
        folded = await scene.read_to_end(prompt.reply_id)
        frames = await scene.frames(prompt.reply_id)
    assert folded.text == expected_text(prompt)
    assert_no_gap(frames, 20)
    assert refused == [prompt.reply_id]
