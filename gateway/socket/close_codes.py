"""Why the server closes a socket. ``docs/websocket.md`` says what a client does about each."""

from typing import Final

# Of RFC 6455 and its registry.
INVALID_TEXT: Final = 1007
POLICY: Final = 1008
TOO_BIG: Final = 1009
INTERNAL: Final = 1011
RESTARTING: Final = 1012
TRY_LATER: Final = 1013
# An application's own begin at 4000; this one follows HTTP's 401.
UNAUTHENTICATED: Final = 4401
