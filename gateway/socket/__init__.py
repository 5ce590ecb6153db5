"""The WebSocket ``/ws``: many replies on one connection. The protocol is ``docs/websocket.md``."""
