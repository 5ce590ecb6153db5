"""Claiming on a real broker: lost acknowledgements, rivals, and what earlier attempts left."""

import asyncio
from collections.abc import Sequence

from schemas.direct_get import LogUnavailable
from schemas.fold import fold_all
from schemas.frames import Attempt, Delta, End, Frame
from schemas.reply_log import ReplyLog, StoredFrame
from tests.support.asking import Asker
from workers.claiming import CancelFound, Claimant, Claimed, Yielded
from workers.delta_publisher import DeltaPublisher
from workers.engines.port import Piece
from workers.marking import Marked, mark, write_marker
from workers.reply_writer import ReplyWriter
from workers.suspicion import Record


class ForgetfulLog(ReplyLog):
    """A log over a network that loses the first acknowledgement of every kind of frame."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.forgotten: set[type[Frame]] = set()

    async def append_fenced(
        self, reply_id: str, frame: Frame, fence: int, message_id: str | None = None
    ) -> int:
        sequence = await super().append_fenced(reply_id, frame, fence, message_id)
        if type(frame) not in self.forgotten:
            self.forgotten.add(type(frame))
            raise LogUnavailable
        return sequence


class OvertakingLog(ReplyLog):
    """A log over a broker that stalls: the next read is answered before what waits is stored."""

    waiting: Sequence[Frame] = ()

    async def read(self, reply_id: str, after: int = 0) -> list[StoredFrame]:
        stored = await super().read(reply_id, after)
        waiting, self.waiting = self.waiting, ()
        for frame in waiting:
            await self.append(reply_id, frame)
        return stored


class DeafLog(ReplyLog):
    """A log over a network that loses the first end on its way."""

    lost = False

    async def append_fenced(
        self, reply_id: str, frame: Frame, fence: int, message_id: str | None = None
    ) -> int:
        if isinstance(frame, End) and not self.lost:
            self.lost = True
            raise LogUnavailable
        return await super().append_fenced(reply_id, frame, fence, message_id)


def ignore(_: str) -> None:
    """Take a doubt and do nothing."""


async def open_writer(asker: Asker, log: ReplyLog) -> ReplyWriter:
    """Claim a fresh reply and open it."""
    reply_id = asker.prompt("x").reply_id
    claimed = await Claimant(asker.broker, log, "w").claim(reply_id, 1)
    assert isinstance(claimed, Claimed)
    publisher = DeltaPublisher(asker.broker, ignore)
    await publisher.start()
    await write_marker(log, reply_id, claimed, "w")
    return ReplyWriter(reply_id, Marked(claimed.n, claimed.fence), log, publisher)


async def test_a_lost_acknowledgement_of_the_marker_leaves_one_marker(nats_url: str) -> None:
    async with Asker.connected(nats_url) as asker:
        writer = await open_writer(asker, await ForgetfulLog.open(asker.broker))
        assert await asker.frames(writer.reply_id) == [Attempt(1, "w")]


async def test_a_lost_acknowledgement_of_the_end_ends_the_reply_once(nats_url: str) -> None:
    async with Asker.connected(nats_url) as asker:
        writer = await open_writer(asker, await ForgetfulLog.open(asker.broker))
        await writer.write(Piece([(1, "a"), (2, "b")], "stop"))
        end = await writer.end(lambda tokens: End(n=1, tokens=tokens, status="completed"))
        folded = fold_all(await asker.frames(writer.reply_id))
        assert folded.end == end == End(n=1, tokens=2, status="completed")
        assert folded.text == "ab"


async def test_a_frame_that_was_lost_on_the_way_is_sent_again_before_the_end(
    nats_url: str,
) -> None:
    async with Asker.connected(nats_url) as asker:
        writer = await open_writer(asker, asker.log)
        await writer.write(Piece([(1, "a")]))
        # Counted as sent, and never stored: what a broker does above its ingest limit.
        writer.draft.add([(2, "b")])
        writer.draft.take_unsent()
        await writer.write(Piece([(3, "c")], "stop"))
        await writer.end(lambda tokens: End(n=1, tokens=tokens, status="completed"))
        folded = fold_all(await asker.frames(writer.reply_id))
        assert (folded.text, folded.token_ids) == ("abc", [1, 2, 3])
        assert folded.end is not None


async def test_a_repair_never_lands_behind_the_end(nats_url: str) -> None:
    async with Asker.connected(nats_url) as asker:
        stalled = await OvertakingLog.open(asker.broker)
        writer = await open_writer(asker, stalled)
        await writer.write(Piece([(1, "a")]))
        writer.draft.add([(2, "b")], "stop")
        end = End(n=1, tokens=2, status="completed")
        stalled.waiting = [writer.draft.take_unsent(), end]
        writer.doubt()
        assert await writer.end(lambda _: end) == end
        deltas = [Delta(1, 0, [1], "a"), Delta(1, 1, [2], "b", finish="stop")]
        assert await asker.frames(writer.reply_id) == [Attempt(1, "w"), *deltas, end]


async def test_a_repair_that_was_overtaken_sends_what_is_missing_still(nats_url: str) -> None:
    async with Asker.connected(nats_url) as asker:
        stalled = await OvertakingLog.open(asker.broker)
        writer = await open_writer(asker, stalled)
        writer.draft.add([(1, "a")])
        stalled.waiting = [writer.draft.take_unsent()]
        # This one is lost.
        writer.draft.add([(2, "b")])
        writer.draft.take_unsent()
        writer.doubt()
        await writer.write(Piece([(3, "c")]))
        deltas = [Delta(1, 0, [1], "a"), Delta(1, 1, [2, 3], "bc", [1, 2])]
        assert await asker.frames(writer.reply_id) == [Attempt(1, "w"), *deltas]


async def test_the_broker_knows_of_an_end_whose_first_try_was_lost(nats_url: str) -> None:
    async with Asker.connected(nats_url) as asker:
        writer = await open_writer(asker, await DeafLog.open(asker.broker))
        await writer.write(Piece([(1, "a")], "stop"))
        assert not await asker.log.has_end(writer.reply_id, 1)
        await writer.end(lambda tokens: End(n=1, tokens=tokens, status="completed"))
        assert await asker.log.has_end(writer.reply_id, 1)


async def test_a_void_end_whose_acknowledgement_was_lost_is_followed_by_a_valid_one(
    nats_url: str,
) -> None:
    async with Asker.connected(nats_url) as asker:
        writer = await open_writer(asker, await ForgetfulLog.open(asker.broker))
        writer.draft.add([(1, "a")], "stop")
        # Counted as sent, and never stored.
        writer.draft.take_unsent()
        end = End(n=1, tokens=1, status="completed")
        assert await writer.end(lambda _: end) == end
        frames = await asker.frames(writer.reply_id)
        assert frames == [Attempt(1, "w"), end, Delta(1, 0, [1], "a", finish="stop"), end]


async def test_of_two_claims_at_once_exactly_one_ends_the_reply(nats_url: str) -> None:
    async with Asker.connected(nats_url) as one, Asker.connected(nats_url) as two:
        reply_id = one.prompt("x").reply_id
        first, second = await asyncio.gather(
            Claimant(one.broker, one.log, "w1").claim(reply_id, 1),
            Claimant(two.broker, two.log, "w2").claim(reply_id, 2),
        )
        assert isinstance(second, Claimed)
        register = await one.log.read_register(reply_id)
        assert register.sequence == second.fence
        assert isinstance(first, Yielded) or first.fence < second.fence


async def test_an_older_delivery_yields_to_a_newer_one(nats_url: str) -> None:
    async with Asker.connected(nats_url) as asker:
        reply_id = asker.prompt("x").reply_id
        newer = await Claimant(asker.broker, asker.log, "w2").claim(reply_id, 3)
        older = await Claimant(asker.broker, asker.log, "w1").claim(reply_id, 2)
        assert isinstance(newer, Claimed)
        assert isinstance(older, Yielded)


async def test_a_takeover_learns_what_earlier_attempts_left(nats_url: str) -> None:
    async with Asker.connected(nats_url) as asker:
        reply_id = asker.prompt("x").reply_id
        first = await Claimant(asker.broker, asker.log, "w1").claim(reply_id, 1)
        assert isinstance(first, Claimed)
        await asker.log.append_fenced(reply_id, Attempt(1, "w1"), first.fence)
        await asker.log.append(reply_id, Delta(1, 0, [4, 5], "de", [1, 2]))
        await Claimant(asker.broker, asker.log, "w2").claim(reply_id, 2)
        third = await Claimant(asker.broker, asker.log, "w3").claim(reply_id, 3)
        assert isinstance(third, Claimed)
        marked = await mark(asker.log, reply_id, third, "w3")
        earlier = marked.earlier
        assert marked.n == 3
        assert earlier.prefix.text == "de"
        assert earlier.prefix.token_ids == [4, 5]
        assert earlier.record == Record()
        assert earlier.first_frame_at_ms is not None
        assert earlier.first_token_at_ms is not None
        assert earlier.first_frame_at_ms <= earlier.first_token_at_ms


async def test_a_cancelled_reply_is_not_claimed(nats_url: str) -> None:
    async with Asker.connected(nats_url) as asker:
        reply_id = asker.prompt("x").reply_id
        fence = await asker.cancel(reply_id)
        found = await Claimant(asker.broker, asker.log, "w").claim(reply_id, 1)
        assert found == CancelFound(fence)
