"""What counts as a sign of life of a peer that says nothing."""

import asyncio

from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from gateway.socket.connection import SocketConnection


class SlowTransport(asyncio.Transport):
    """A peer that takes as much as the test says."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = 0

    def write(self, data: object) -> None:
        assert isinstance(data, (bytes, bytearray, memoryview))
        self.waiting += len(data)

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        """Nothing comes from it anyway."""

    def resume_reading(self) -> None:
        """Nothing comes from it anyway."""

    def get_write_buffer_size(self) -> int:
        return self.waiting


async def test_a_peer_that_takes_a_part_is_alive_and_one_that_takes_nothing_is_not() -> None:
    transport = SlowTransport()
    connection = SocketConnection(transport, ServerProtocol(state=OPEN), lambda _: b"")
    await connection.send(b"x" * 100_000)
    connection.pause_writing()
    connection.ping()
    await asyncio.sleep(0.05)
    connection.ping()
    assert connection.silent_s >= 0.05
    transport.waiting -= 10_000
    connection.ping()
    assert connection.silent_s < 0.05
