"""A link between clients and a server that a test can cut: passes bytes on, and closes everything when it is cut."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from deploy.embedded.ports import LOOPBACK


class Link:
    """`cut()` ends what is connected and refuses what comes."""

    def __init__(self, target: int) -> None:
        self.target, self.whole = target, True
        self._writers: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        self.whole = False
        for writer in self._writers:
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.whole:
            writer.close()
            return
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection(LOOPBACK, self.target)
            self._writers |= {writer, back}
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        self._writers -= {writer}
        writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        self._writers.discard(writer)
        writer.close()


@contextlib.asynccontextmanager
async def linked(target: int, port: int) -> AsyncIterator[Link]:
    """A link at `port` that leads to `target`."""
    link = Link(target)
    server = await asyncio.start_server(link.serve, LOOPBACK, port)
    yield link
    server.close()
    link.cut()
