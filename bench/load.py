"""HTTP clients that use little processor time: one keep-alive connection each, and only the HTTP/1.1 that our servers use."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.embedded.ports import LOOPBACK

IDLE_SECONDS = 2


class Client:
    """One connection to a port. It is opened again after an idle time after which the server may close it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._last_used = 0.0

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        now = time.monotonic()
        if self._ends is None or now - self._last_used > IDLE_SECONDS:
            self.close()
            self._ends = await asyncio.open_connection(LOOPBACK, self._port)
        self._last_used = now
        return self._ends

    def close(self) -> None:
        if self._ends is not None:
            self._ends[1].close()
            self._ends = None

    async def ask(self, method: str, path: str, token: str = "", body: object = None, key: str = "") -> Any:
        """Returns the JSON of the answer. Raises RuntimeError if the status is not 2xx."""
        content = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nhost: bench\r\ncontent-length: {len(content)}\r\ncontent-type: application/json\r\n"
        head += f"authorization: Bearer {token}\r\nidempotency-key: {key or 'no-key-given'}\r\n\r\n"
        reader, writer = await self._connection()
        writer.write(head.encode() + content)
        lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        length = next(int(line.partition(b":")[2]) for line in lines if line.lower().startswith(b"content-length"))
        answer = await reader.readexactly(length)
        if not lines[0].split()[1].startswith(b"2"):
            raise RuntimeError(f"{method} {path}: {lines[0].decode()} {answer.decode()[:300]}")
        return json.loads(answer)


def clients(ports: list[int], count: int) -> list[Client]:
    """Returns clients spread evenly over the ports, as a gateway spreads requests over processes."""
    return [Client(ports[number % len(ports)]) for number in range(count)]


@dataclass(frozen=True, slots=True)
class Load:
    per_second: float
    milliseconds: list[float]

    def percentile(self, share: float) -> float:
        return percentile(self.milliseconds, share)


def percentile(values: list[float], share: float) -> float:
    """Returns the value that a `share` of all values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def load(seconds: float, workers: Sequence[Callable[[], Awaitable[object]]]) -> Load:
    """Runs every worker repeatedly until the time is over, or until it raises StopAsyncIteration because no work is left."""
    took: list[float] = []
    began = time.perf_counter()

    async def work(do: Callable[[], Awaitable[object]]) -> None:
        while (start := time.perf_counter()) - began < seconds:
            try:
                await do()
            except StopAsyncIteration:
                return
            took.append((time.perf_counter() - start) * 1000)

    await asyncio.gather(*(work(do) for do in workers))
    return Load(len(took) / (time.perf_counter() - began), took)
