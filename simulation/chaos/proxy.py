"""A TCP proxy on the way to a server, through which a link can be cut, or left half open: connected, and silent."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from deploy.embedded.ports import LOOPBACK

CHUNK, STOP_SECONDS = 65_536, 2
Concerned = Callable[[int], bool]
"""Whether the connection from this port of a client is meant."""


@dataclass(eq=False)
class _Pair:
    """One connection of a client and the one to the server behind it. While `flowing` is not set nothing moves in either direction."""

    port: int
    ends: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    stranded: bool = False

    def abort(self) -> None:
        for end in self.ends:
            end.transport.abort()
        self.flowing.set()  # whoever waits to hand something on finds the other end gone


class Proxy:
    """Listens on `port` and hands on to `target`, both on the loopback address."""

    def __init__(self, port: int, target: int) -> None:
        self.port, self.target = port, target
        self._pairs: set[_Pair] = set()
        self._cut: list[Concerned] = []
        self._silent: list[Concerned] = []
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

    def drop(self, concerned: Concerned) -> None:
        """Resets the connections that stand now; new ones are let through."""
        for pair in [pair for pair in self._pairs if concerned(pair.port)]:
            pair.abort()

    def strand(self, concerned: Concerned) -> None:
        """Over the connections that stand now no byte passes any more, and neither end is told; new ones are let through."""
        for pair in self._pairs:
            if concerned(pair.port):
                pair.stranded = True
        self._open_and_shut()

    @contextmanager
    def cut(self, concerned: Concerned) -> Iterator[None]:
        """Resets connections and refuses new ones."""
        self._cut.append(concerned)
        self.drop(concerned)
        try:
            yield
        finally:
            self._cut.remove(concerned)

    @contextmanager
    def half_open(self, concerned: Concerned) -> Iterator[None]:
        """Connections stand, new ones are taken, and no byte passes. Afterwards what was held back goes on its way."""
        self._silent.append(concerned)
        self._open_and_shut()
        try:
            yield
        finally:
            self._silent.remove(concerned)
            self._open_and_shut()

    def _open_and_shut(self) -> None:
        for pair in self._pairs:
            if pair.stranded or self._is(self._silent, pair.port):
                pair.flowing.clear()
            else:
                pair.flowing.set()

    def _is(self, kinds: list[Concerned], port: int) -> bool:
        return any(concerned(port) for concerned in kinds)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = int(writer.get_extra_info("peername")[1])
        if self._is(self._cut, port):
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self.target)
        except OSError:
            writer.transport.abort()
            return
        pair = _Pair(port, (writer, far_writer))
        if not self._is(self._silent, port):
            pair.flowing.set()
        self._pairs.add(pair)
        try:
            await asyncio.gather(_pump(pair, reader, far_writer), _pump(pair, far_reader, writer))
        except asyncio.CancelledError:  # the campaign ends; asyncio's streams would print a traceback for each connection
            pass
        finally:
            self._pairs.discard(pair)
            pair.abort()


async def _pump(pair: _Pair, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hands on what comes, and its end; a reset of one side is one of the other."""
    try:
        while data := await reader.read(CHUNK):
            await pair.flowing.wait()
            writer.write(data)
            await writer.drain()
        await pair.flowing.wait()
        writer.write_eof()
    except OSError:
        pair.abort()
