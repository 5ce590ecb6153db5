"""Tell whether a prompt stands in the log of facts, which loses it when it is erased."""

import time

from gateway.broker_link import BrokerLink
from gateway.queue_locations import QueueLocations
from schemas.ids import made_at_ms
from schemas.prompt_log import find_prompt

# The history has a prompt long before; until then this process remembers what it took, and a
# reader who comes at once costs no look into the log.
_JUST_TAKEN_S = 5.0


class PromptTraces:
    """Looks for prompts whose owner was checked; both raise ``LogUnavailable``."""

    def __init__(self, link: BrokerLink, locations: QueueLocations) -> None:
        self._link = link
        self._locations = locations

    async def has(self, user_id: str, reply_id: str) -> bool:
        """Tell whether there is a prompt; one that was just taken here is not looked up."""
        age_s = time.time() - made_at_ms(reply_id) / 1000
        if age_s < _JUST_TAKEN_S and self._locations.get(reply_id) is not None:
            return True
        return await self.in_log(user_id, reply_id)

    async def in_log(self, user_id: str, reply_id: str) -> bool:
        """Tell whether the log holds the prompt."""
        direct_get = self._link.session().direct_get
        return await find_prompt(direct_get, user_id, reply_id) is not None
