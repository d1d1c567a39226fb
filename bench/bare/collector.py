"""`python -m bench.bare.collector`: takes OTLP over HTTP on TRIPTYCH_PORT and keeps nothing, as cheaply as Python can."""

import asyncio
import os

LENGTH = b"content-length:"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Every request of a connection, one after the other."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            at = head.find(LENGTH)
            if at >= 0:
                await reader.readexactly(int(head[at + len(LENGTH) : head.index(b"\r", at)]))
            writer.write(ANSWER)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(take, "127.0.0.1", int(os.environ["TRIPTYCH_PORT"]), limit=2**24)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
