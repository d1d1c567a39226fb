"""The proxy between a client and a server: a cut resets connections, half open keeps them without passing bytes."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.embedded.ports import LOOPBACK, free_port
from simulation.chaos.proxy import Proxy

ALL, NONE = (lambda _: True), (lambda _: False)


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, text: bytes = b"hello", seconds: float = 2) -> bytes:
        self.writer.write(text)
        return await asyncio.wait_for(self.reader.read(100), seconds)


@pytest_asyncio.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """A proxy in front of an echo server."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, LOOPBACK, free_port())
    proxy = Proxy(free_port(), server.sockets[0].getsockname()[1])
    await proxy.start()
    yield proxy
    await proxy.stop()
    server.close()


async def client(proxy: Proxy) -> Client:
    return Client(*await asyncio.open_connection(LOOPBACK, proxy.port))


async def test_proxy_forwards_bytes_and_end_of_file_both_ways(proxy: Proxy) -> None:
    one = await client(proxy)
    assert await one.ask() == b"hello"
    one.writer.write_eof()
    assert await one.reader.read() == b""


async def test_proxy_killed_client_resets_the_server_side(proxy: Proxy) -> None:
    gone: asyncio.Queue[str] = asyncio.Queue()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read()
            await gone.put("ended")
        except ConnectionResetError:
            await gone.put("reset")
        writer.close()

    server = await asyncio.start_server(hold, LOOPBACK, free_port())
    proxy.target = server.sockets[0].getsockname()[1]
    one = await client(proxy)
    one.writer.write(b"hello")
    await asyncio.sleep(0.1)
    one.writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    one.writer.transport.abort()  # as the kernel does for a process that is killed with bytes unread
    assert await asyncio.wait_for(gone.get(), 2) in ("reset", "ended")
    server.close()


async def test_proxy_cut_resets_and_refuses_until_it_ends(proxy: Proxy) -> None:
    one = await client(proxy)
    await one.ask()
    with proxy.cut(ALL):
        with pytest.raises(ConnectionResetError):
            await one.ask()
        with pytest.raises(ConnectionResetError):
            await (await client(proxy)).ask()
    assert await (await client(proxy)).ask() == b"hello"


async def test_proxy_half_open_holds_bytes_and_passes_them_later(proxy: Proxy) -> None:
    one = await client(proxy)
    await one.ask()
    with proxy.half_open(ALL):
        with pytest.raises(TimeoutError):
            await one.ask(b"held", 0.2)
        with pytest.raises(TimeoutError):
            await (await client(proxy)).ask(b"new", 0.2)
    assert await asyncio.wait_for(one.reader.read(100), 2) == b"held"


async def test_proxy_only_selected_connections_are_affected(proxy: Proxy) -> None:
    one, other = await client(proxy), await client(proxy)
    await asyncio.gather(one.ask(), other.ask())
    mine = one.writer.get_extra_info("sockname")[1]
    with proxy.cut(lambda port: port == mine):
        with pytest.raises(ConnectionResetError):
            await one.ask()
        assert await other.ask() == b"hello"
    with proxy.half_open(NONE):
        assert await other.ask() == b"hello"


async def test_proxy_stranded_never_passes_bytes_new_ones_do(proxy: Proxy) -> None:
    one = await client(proxy)
    await one.ask()
    proxy.strand(ALL)
    with proxy.half_open(NONE), pytest.raises(TimeoutError):
        await one.ask(b"lost", 0.2)
    with pytest.raises(TimeoutError):
        await one.ask(b"lost", 0.2)
    assert await (await client(proxy)).ask() == b"hello"
