"""How many requests one client address and one account may send, so that nobody can keep a service busy for all others.

A bucket of requests per address and per account, filled again in real time. Each process counts for itself: with several processes
of a service a client gets as many times the rate. No library fits: those that count in a process remember clients without a bound, and
the others need a server.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Network, ip_address

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.kernel.errors import Refused
from shared.web import problems

KEPT_BUCKETS = 20_000
"""How many clients are remembered. The one that has been quiet for longest is forgotten first, and starts with a full bucket again."""
NETWORK_BITS = 64
"""One subscriber of IPv6 has all addresses of such a network."""


class TooManyRequests(Refused):
    status = 429


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` requests without end, and `burst` at once after a rest."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Rates:
    address: Rate
    account: Rate


class Buckets:
    """A bucket per key. `monotonic` is real time in seconds; tests replace it."""

    def __init__(self, rate: Rate, monotonic: Callable[[], float] = time.monotonic, kept: int = KEPT_BUCKETS) -> None:
        self._interval, self._depth = 1 / rate.per_second, rate.burst / rate.per_second
        self._monotonic, self._kept = monotonic, kept
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str) -> None:
        """Takes one request out of the key's bucket. `TooManyRequests` when it is empty."""
        now = self._monotonic()
        full_at = max(now, self._full_at.get(key, now)) + self._interval
        wait = full_at - self._depth - now
        if wait > 0:
            self._full_at.move_to_end(key)
            raise TooManyRequests(
                "too-many-requests", "You sent too many requests. Try again in {seconds} seconds.", seconds=math.ceil(wait)
            )
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._kept:
            self._full_at.popitem(last=False)


class AddressLimit:
    """Refuses the requests of an address whose bucket is empty, before anything else of them is read.

    The address is that of the connection, or the one that the gateway names (`shared/runtime/serve.py`). The health address, which the
    gateway does not route to, is not counted.
    """

    def __init__(self, app: ASGIApp, buckets: Buckets) -> None:
        self.app, self.buckets = app, buckets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != "/health":
            try:
                self.buckets.take(client_network(scope["client"][0] if scope["client"] else ""))
            except TooManyRequests as refusal:
                answer = problems.problem(Request(scope), refusal)
                answer.headers["Cache-Control"] = "no-store"
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)


def client_network(address: str) -> str:
    """What is counted as one client: an IPv4 address, or an IPv6 network of `NETWORK_BITS`."""
    try:
        ip = ip_address(address)
    except ValueError:  # the connection has none
        return address
    if ip.version == 4:
        return str(ip)
    return str(ip.ipv4_mapped or IPv6Network((int(ip), NETWORK_BITS), strict=False))
