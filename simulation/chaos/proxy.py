"""A TCP proxy in front of a server that can cut connections, or keep them open while no byte passes (half open)."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from deploy.embedded.ports import LOOPBACK

CHUNK, STOP_SECONDS = 65_536, 2
ConnectionFilter = Callable[[int], bool]
"""Returns whether the connection from this client port is selected."""


@dataclass(eq=False)
class _Pair:
    """A client's connection and the matching one to the server. While `flowing` is not set, no byte passes in either direction."""

    port: int
    ends: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    stranded: bool = False

    def abort(self) -> None:
        for end in self.ends:
            end.transport.abort()
        self.flowing.set()  # a pump that waits continues and finds the other end closed


class Proxy:
    """Listens on `port` and forwards to `target`, both on the loopback address."""

    def __init__(self, port: int, target: int) -> None:
        self.port, self.target = port, target
        self._pairs: set[_Pair] = set()
        self._cut: list[ConnectionFilter] = []
        self._half_open: list[ConnectionFilter] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.drop(lambda _: True)
        deadline = time.monotonic() + STOP_SECONDS
        while self._pairs and time.monotonic() < deadline:
            await asyncio.sleep(0.01)

    def drop(self, selected: ConnectionFilter) -> None:
        """Resets the selected open connections. New ones are accepted."""
        for pair in [pair for pair in self._pairs if selected(pair.port)]:
            pair.abort()

    def strand(self, selected: ConnectionFilter) -> None:
        """From now on no byte passes over the selected open connections, which stay open. New ones are accepted."""
        for pair in self._pairs:
            if selected(pair.port):
                pair.stranded = True
        self._update_flow()

    @contextmanager
    def cut(self, selected: ConnectionFilter) -> Iterator[None]:
        """Resets the selected connections and refuses new ones until the end of the block."""
        self._cut.append(selected)
        self.drop(selected)
        try:
            yield
        finally:
            self._cut.remove(selected)

    @contextmanager
    def half_open(self, selected: ConnectionFilter) -> Iterator[None]:
        """Selected connections stay open and new ones are accepted, but no byte passes. At the end of the block the held bytes pass."""
        self._half_open.append(selected)
        self._update_flow()
        try:
            yield
        finally:
            self._half_open.remove(selected)
            self._update_flow()

    def _update_flow(self) -> None:
        for pair in self._pairs:
            if pair.stranded or self._matches(self._half_open, pair.port):
                pair.flowing.clear()
            else:
                pair.flowing.set()

    def _matches(self, filters: list[ConnectionFilter], port: int) -> bool:
        return any(selected(port) for selected in filters)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = int(writer.get_extra_info("peername")[1])
        if self._matches(self._cut, port):
            writer.transport.abort()
            return
        try:
            server_reader, server_writer = await asyncio.open_connection(LOOPBACK, self.target)
        except OSError:
            writer.transport.abort()
            return
        pair = _Pair(port, (writer, server_writer))
        if not self._matches(self._half_open, port):
            pair.flowing.set()
        self._pairs.add(pair)
        try:
            await asyncio.gather(_pump(pair, reader, server_writer), _pump(pair, server_reader, writer))
        except asyncio.CancelledError:  # the campaign ends; without this asyncio prints a traceback for each connection
            pass
        finally:
            self._pairs.discard(pair)
            pair.abort()


async def _pump(pair: _Pair, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Forwards bytes and end of file. A reset of one side resets the other."""
    try:
        while data := await reader.read(CHUNK):
            await pair.flowing.wait()
            writer.write(data)
            await writer.drain()
        await pair.flowing.wait()
        writer.write_eof()
    except OSError:
        pair.abort()
