"""HTTP clients that use little processor time: one keep-alive connection each, and only the HTTP/1.1 that our servers use."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from deploy.embedded.ports import LOOPBACK

IDLE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


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

    async def send(self, method: str, path: str, headers: Mapping[str, str], content: bytes = b"") -> Answer:
        """Raises OSError or EOFError when there is no answer."""
        lines = [f"{method} {path} HTTP/1.1", "host: bench", f"content-length: {len(content)}"]
        head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""])
        try:
            reader, writer = await self._connection()
            writer.write(head.encode() + content)
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
            found = dict(line.split(": ", 1) for line in lines if line)
            answer = Answer(int(first.split()[1]), await reader.readexactly(int(found["content-length"])))
        except (OSError, EOFError):
            self.close()
            raise
        if found.get("connection") == "close":
            self.close()
        return answer

    async def ask(self, method: str, path: str, token: str = "", body: object = None, key: str = "") -> Any:
        """Returns the JSON of the answer. Raises RuntimeError if the status is not 2xx."""
        content = b"" if body is None else json.dumps(body).encode()
        answer = await self.send(method, path, as_json(token, key), content)
        if not 200 <= answer.status < 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.content.decode()[:300]}")
        return answer.json


def as_json(token: str, key: str = "") -> dict[str, str]:
    """The headers of a request to one of our APIs."""
    return {"content-type": "application/json", "authorization": f"Bearer {token}", "idempotency-key": key or "no-key-given"}


class Gateway:
    """Sends a request over a connection that is free, or over a new one, to the ports in turn, as a gateway does for many browsers."""

    def __init__(self, ports: list[int]) -> None:
        self._free: dict[int, list[Client]] = {port: [] for port in ports}
        self._ports = cycle(ports)

    async def send(self, method: str, path: str, headers: Mapping[str, str], content: bytes = b"") -> Answer:
        """Raises as `Client.send`."""
        port = next(self._ports)
        client = self._free[port].pop() if self._free[port] else Client(port)
        try:
            return await client.send(method, path, headers, content)
        finally:
            self._free[port].append(client)


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
