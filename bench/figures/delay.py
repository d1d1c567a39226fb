"""From a commit in one service to its effect in another."""

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

from bench.declare import Aim, Figures, Sides, benchmark
from bench.load import percentile
from bench.message_path import MessagePath, publish_opening
from bench.stack import Stack
from shared.kernel.ids import new_id
from shared.messaging.profile import BrokerKind

RATES = (50, 200)


@benchmark(
    "Delay from commit to effect in another service",
    unit="ms",
    aims=tuple(Aim(f"{kind}, {rate} events/s", metric="p99", at_most=100) for kind in BrokerKind for rate in RATES),
)
async def delay(stack: Stack) -> AsyncIterator[Sides]:
    """An event is committed in one service's database, leaves by the relay, and has its effect in the other's. Measured from
    before the commit to the notification that PostgreSQL sends when the effect is committed. Events come one by one at an even
    rate, each in its own transaction, for fifty aggregates."""
    sides: Sides = {}
    for kind in BrokerKind:
        path = await MessagePath.between(stack, kind, notify=True)
        for rate in RATES:
            sides[f"{kind}, {rate} events/s"] = partial(_delays, path, rate, stack.pick(6, 2))
    yield sides


async def _delays(path: MessagePath, rate: int, seconds: int) -> Figures:
    written: dict[UUID, float] = {}
    took: list[float] = []

    def arrived(*arguments: object) -> None:
        took.append((time.perf_counter() - written[UUID(str(arguments[-1]))]) * 1000)

    keys = [new_id() for _ in range(50)]
    await path.receiving.add_listener("effects", arrived)
    began = time.perf_counter()
    for number in range(rate * seconds):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        async with path.sending.begin() as session:
            written[publish_opening(session, keys[number % len(keys)])] = time.perf_counter()
    async with asyncio.timeout(60):
        while len(took) < len(written):
            await asyncio.sleep(0.01)
    await path.receiving.remove_listener("effects", arrived)
    return {f"p{share}": percentile(took, share / 100) for share in (50, 95, 99)}
