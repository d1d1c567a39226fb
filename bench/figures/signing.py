"""What signatures cost on the path of an event."""

import time
from collections.abc import AsyncIterator
from functools import partial

from bench.declare import Aim, Figures, Sides, benchmark
from bench.message_path import MessagePath
from bench.stack import Stack
from deploy.embedded.kafka.server import Kafka
from deploy.embedded.servers import Tansu
from shared.messaging.profile import BrokerKind

METRIC = "events a second"
SERVERS = {BrokerKind.KAFKA: Kafka, BrokerKind.TANSU: Tansu}


@benchmark(
    "Signed and unsigned events a second",
    unit="events/s",
    aims=tuple(Aim(f"signed on {kind}", f"unsigned on {kind}", METRIC, at_least=0.9) for kind in BrokerKind),
)
async def signing(stack: Stack) -> AsyncIterator[Sides]:
    """Events in the outbox of one service, committed at once, go through relay, broker and inbox until each has had its effect in the
    other service's database: with the unchanged workers, and with workers that neither sign nor check. Each side has a broker of its
    own. The aim is that signatures cost at most a tenth."""
    sides: Sides = {}
    for kind in BrokerKind:
        for name, options in (("signed", ()), ("unsigned", ("--unsigned",))):
            server = stack.up(SERVERS[kind](stack.folder / f"{name}-{kind}"))
            path = await MessagePath.between(stack, kind, *options, bootstrap=server.address)
            sides[f"{name} on {kind}"] = partial(_turn, path, stack.pick(6_000, 500))
    yield sides


async def _turn(path: MessagePath, count: int) -> Figures:
    before = await path.receiving.fetchval("SELECT max(number) FROM effects")
    commit = await path.prepare(count)
    began = time.perf_counter()
    await commit()
    await path.arrived(before + count)
    return {METRIC: count / (time.perf_counter() - began)}
