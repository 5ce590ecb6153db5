"""``POST /v1/chat/completions``: OpenAI's chat completions over a reply stream."""

import asyncio
from collections.abc import Iterable

from sanic import HTTPResponse, Request

from gateway.admission import AskedPrompt, digest_of
from gateway.chat_request import chat_messages, parse_chat_completion, sampling_of
from gateway.error_responses import error_body
from gateway.errors import GatewayError, GatewayStopping, PromptUnconfirmed, ReplyFailed
from gateway.event_stream import EventStream
from gateway.idempotency import idempotency_key
from gateway.json_response import json_response
from gateway.openai_wire import (
    DONE,
    ChunkWriter,
    completion,
    event_of,
    finish_reason,
    usage_of,
)
from gateway.patience import no_response_timeout, notice_hang_up
from gateway.relay_ports import RelayedFrame, end_among
from gateway.reply_reading import QueuePlace, ReplyReading
from gateway.request_body import read_body
from gateway.request_parsing import json_object
from gateway.requests import ChatCompletionRequest
from gateway.services import Application, Services
from gateway.sse import KEEP_ALIVE_S, queue_comment
from gateway.submission import Followed
from schemas.frames import End

# The head of a stream is held back for its first event, so that a failure until then is an HTTP
# error; after this the client learns that it was accepted.
_HEAD_HELD_S = 1.0


def register(app: Application, services: Services) -> None:
    """Add the route."""
    chat = ChatCompletions(services)

    async def create(request: Request) -> HTTPResponse | None:
        return await chat.post(request)

    app.add_route(
        create,
        "/v1/chat/completions",
        methods=["POST"],
        name="create_chat_completion",
        stream=True,
    )


class ChatCompletions:
    """Submits the prompt and shapes its reply."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def post(self, request: Request) -> HTTPResponse | None:
        """Answer one call."""
        services = self._services
        principal = await services.callers.caller(request)
        body = await read_body(request, services.settings.max_body_bytes)
        asked_for = parse_chat_completion(json_object(body))
        key = idempotency_key(request)
        followed = await self._submit(
            AskedPrompt(
                user_id=principal.user_id,
                model=asked_for.model,
                messages=chat_messages(asked_for.messages),
                sampling=sampling_of(asked_for),
                client="openai",
                # With a key the client means to come back; with ``store`` it says so.
                bound=key is None and asked_for.store is not True,
                temporary=asked_for.store is False,
                request_digest=digest_of(b"chat", body),
                idempotency_key=key,
            )
        )
        event, relay = followed
        try:
            with (
                services.hang_ups.watching(event, relay),
                services.open_streams.holding(principal, relay.stop),
            ):
                return await self._answer(request, followed, asked_for)
        except GatewayError as error:
            error.reply_id = event.reply_id
            if isinstance(error, GatewayStopping):
                _forbid_repeats(error)
            raise
        finally:
            await services.relays.release(relay)

    async def _submit(self, asked: AskedPrompt) -> Followed:
        try:
            return await self._services.submission.submit_and_follow(asked)
        except PromptUnconfirmed as error:
            # A bound reply is cancelled, and a key finds the one that runs.
            if asked.idempotency_key is None and not asked.bound:
                _forbid_repeats(error)
            raise

    async def _answer(
        self, request: Request, followed: Followed, asked_for: ChatCompletionRequest
    ) -> HTTPResponse | None:
        notice_hang_up(request)
        if asked_for.stream:
            await self._stream(request, followed, asked_for)
            return None
        with no_response_timeout(request):
            return await self._whole(followed)

    async def _whole(self, followed: Followed) -> HTTPResponse:
        """Wait for the end and answer with all of it."""
        event, relay = followed
        texts: list[str] = []
        end: End | None = None
        while end is None:
            frames = await relay.read(KEEP_ALIVE_S)
            texts += [frame.step.text for frame in frames]
            end = end_among(frames)
        self._services.metrics.reply_read(end.status)
        _raise_failure(end)
        body = completion(
            event.reply_id,
            event.model,
            event.submitted_at_ms // 1000,
            "".join(texts),
            end,
            usage_of(end, relay.cursor.state.tokens),
        )
        return json_response(body, headers={"X-Reply-Id": event.reply_id})

    async def _stream(
        self, request: Request, followed: Followed, asked_for: ChatCompletionRequest
    ) -> None:
        event, relay = followed
        reading = ReplyReading(relay, self._services.places.place(event.user_id, event.reply_id))
        options = asked_for.stream_options
        chunks = ChunkWriter(
            event.reply_id,
            event.model,
            event.submitted_at_ms // 1000,
            include_usage=options is not None and options.include_usage,
        )
        stream = EventStream(request, self._services.metrics, {"X-Reply-Id": event.reply_id})
        try:
            await self._write_chunks(stream, reading, chunks)
        except GatewayError as error:
            if not stream.started:
                raise
            await stream.write(event_of(error_body(error)))
        finally:
            stream.close()
        await stream.end()

    async def _write_chunks(
        self, stream: EventStream, reading: ReplyReading, chunks: ChunkWriter
    ) -> None:
        """Write every chunk; frames that are ready together go out in one write."""
        place, frames = await _first_frames(reading)
        end = end_among(frames)
        if end is not None and not any(frame.step.text for frame in frames):
            _raise_failure(end)
        head = chunks.role() if place is None else queue_comment(place) + chunks.role()
        while end is None:
            deltas = _deltas(chunks, frames)
            if head or deltas:
                await stream.write(head + deltas)
                head = b""
            else:
                await stream.keep_alive()
            frames = await _next_frames(stream, reading)
            end = end_among(frames)
        self._services.metrics.reply_read(end.status)
        last = head + _deltas(chunks, frames)
        if end.status == "failed":
            if last:
                await stream.write(last)
            _raise_failure(end)
        last += chunks.finish(finish_reason(end))
        if chunks.include_usage:
            last += chunks.usage(usage_of(end, reading.relay.cursor.state.tokens))
        await stream.write(last + DONE)


def _forbid_repeats(error: GatewayError) -> None:
    """Say that the reply goes on: OpenAI's clients would have it generated once more."""
    error.retry_after_s = None
    error.headers["X-Should-Retry"] = "false"


async def _first_frames(reading: ReplyReading) -> tuple[QueuePlace | None, list[RelayedFrame]]:
    """Return the frames of the first moment, or the place in the queue where the reply waits."""
    clock = asyncio.get_running_loop().time
    until = clock() + _HEAD_HELD_S
    place: QueuePlace | None = None
    while isinstance(news := await reading.read(max(0.0, until - clock())), QueuePlace):
        place = news
    return (None if news else place), news


async def _next_frames(stream: EventStream, reading: ReplyReading) -> list[RelayedFrame]:
    """Return the next frames; places in the queue go out as comments, which clients pass over."""
    while isinstance(news := await reading.read(KEEP_ALIVE_S), QueuePlace):
        await stream.write(queue_comment(news))
    return news


def _deltas(chunks: ChunkWriter, frames: Iterable[RelayedFrame]) -> bytes:
    return b"".join([chunks.delta(step.text) for _, step, _ in frames if step.text])


def _raise_failure(end: End) -> None:
    if end.status != "failed":
        return
    if end.error is None:
        raise ReplyFailed("engine_error", "The reply failed; send the prompt again.")
    raise ReplyFailed(end.error.code, end.error.message)
