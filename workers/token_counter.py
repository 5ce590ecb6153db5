"""Answer how many tokens a prompt has, so that the gateway can refuse one that is too long."""

import msgspec
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from schemas import subjects
from schemas.beacon import CountAnswer, CountRequest
from workers.engines.port import Engine
from workers.errors import EngineError

_QUEUE_GROUP = "workers"

log = structlog.get_logger(__name__)


class TokenCounter:
    """Serves ``count.<model>`` in the queue group of the model's workers."""

    def __init__(self, broker: Client, engine: Engine) -> None:
        self._broker = broker
        self._engine = engine

    async def start(self, model: str) -> None:
        """Begin to answer."""
        await self._broker.subscribe(subjects.count(model), queue=_QUEUE_GROUP, cb=self._answer)

    async def _answer(self, message: Msg) -> None:
        try:
            request = msgspec.json.decode(message.data, type=CountRequest)
            ids = await self._engine.tokenize(request.messages)
        except (msgspec.DecodeError, EngineError) as error:
            # No answer: the gateway accepts the prompt and the reply says what is wrong with it.
            log.warning("count_failed", error=str(error))
            return
        await message.respond(
            msgspec.json.encode(CountAnswer(len(ids), self._engine.max_model_len))
        )
