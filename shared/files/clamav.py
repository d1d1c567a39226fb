"""Asks a ClamAV daemon about a file, over its socket (`INSTREAM`, clamd(8))."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from enum import StrEnum
from urllib.parse import urlsplit

from shared.kernel.errors import Unavailable

TIMEOUT_SECONDS = 60
_CHUNK_BYTES, _LONGEST_ANSWER = 1 << 16, 4_096
Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class ScanState(StrEnum):
    """UNSCANNED: the installation has no scanner."""

    CLEAN = "clean"
    INFECTED = "infected"
    UNSCANNED = "unscanned"


class Scanner:
    """`address`: 'unix:///run/clamav/clamd.ctl' or 'tcp://host:3310'; empty for none. ValueError for another one."""

    def __init__(self, address: str = "", timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._connect, self._timeout_seconds = _connection_to(address) if address else None, timeout_seconds

    async def scan(self, content: bytes) -> ScanState:
        """`Unavailable` where the daemon does not answer, or says that it cannot look at the file: nothing counts as clean by default."""
        if self._connect is None:
            return ScanState.UNSCANNED
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await _ask(self._connect, content)
        except (OSError, TimeoutError, ValueError) as error:
            raise Unavailable("the virus scanner does not answer") from error
        if answer.endswith(b" FOUND"):
            return ScanState.INFECTED
        if answer != b"stream: OK":
            raise Unavailable("the virus scanner cannot look at the file")
        return ScanState.CLEAN


async def _ask(connect: Connect, content: bytes) -> bytes:
    reader, writer = await connect()
    try:
        writer.write(b"zINSTREAM\0")
        for begin in range(0, len(content), _CHUNK_BYTES):
            chunk = content[begin : begin + _CHUNK_BYTES]
            writer.write(struct.pack("!L", len(chunk)) + chunk)
            await writer.drain()
        writer.write(struct.pack("!L", 0))
        await writer.drain()
        return (await reader.read(_LONGEST_ANSWER)).partition(b"\0")[0].strip()
    finally:
        writer.close()


def _connection_to(address: str) -> Connect:
    parts = urlsplit(address)
    if parts.scheme == "unix" and parts.path and not parts.netloc:
        return lambda: asyncio.open_unix_connection(parts.path)
    if parts.scheme == "tcp" and parts.hostname and parts.port:
        return lambda: asyncio.open_connection(parts.hostname, parts.port)
    raise ValueError("the address of the scanner is unix:///path or tcp://host:port")
