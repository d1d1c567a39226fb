"""The proxy between a client and a server: what is cut is reset, what is half open stands and says nothing."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.embedded.ports import LOOPBACK, free_port
from simulation.chaos.proxy import Proxy

EVERYBODY, NOBODY = (lambda _: True), (lambda _: False)


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, text: bytes = b"hello", seconds: float = 2) -> bytes:
        self.writer.write(text)
        return await asyncio.wait_for(self.reader.read(100), seconds)


@pytest_asyncio.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """In front of a server that says back what it is told."""

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


async def test_what_is_said_passes_both_ways_and_so_does_the_end(proxy: Proxy) -> None:
    one = await client(proxy)
    assert await one.ask() == b"hello"
    one.writer.write_eof()
    assert await one.reader.read() == b""


async def test_a_client_that_is_killed_is_gone_for_the_server_too(proxy: Proxy) -> None:
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


async def test_a_cut_resets_what_stands_and_refuses_what_is_new_until_it_is_over(proxy: Proxy) -> None:
    one = await client(proxy)
    await one.ask()
    with proxy.cut(EVERYBODY):
        with pytest.raises(ConnectionResetError):
            await one.ask()
        with pytest.raises(ConnectionResetError):
            await (await client(proxy)).ask()
    assert await (await client(proxy)).ask() == b"hello"


async def test_a_half_open_link_holds_back_every_byte_and_lets_go_of_them_afterwards(proxy: Proxy) -> None:
    one = await client(proxy)
    await one.ask()
    with proxy.half_open(EVERYBODY):
        with pytest.raises(TimeoutError):
            await one.ask(b"held", 0.2)
        with pytest.raises(TimeoutError):
            await (await client(proxy)).ask(b"new", 0.2)
    assert await asyncio.wait_for(one.reader.read(100), 2) == b"held"


async def test_only_who_is_concerned_is_struck(proxy: Proxy) -> None:
    one, other = await client(proxy), await client(proxy)
    await asyncio.gather(one.ask(), other.ask())
    mine = one.writer.get_extra_info("sockname")[1]
    with proxy.cut(lambda port: port == mine):
        with pytest.raises(ConnectionResetError):
            await one.ask()
        assert await other.ask() == b"hello"
    with proxy.half_open(NOBODY):
        assert await other.ask() == b"hello"


async def test_a_stranded_connection_is_silent_for_good_and_a_new_one_is_let_through(proxy: Proxy) -> None:
    one = await client(proxy)
    await one.ask()
    proxy.strand(EVERYBODY)
    with proxy.half_open(NOBODY), pytest.raises(TimeoutError):
        await one.ask(b"lost", 0.2)
    with pytest.raises(TimeoutError):
        await one.ask(b"lost", 0.2)
    assert await (await client(proxy)).ask() == b"hello"
