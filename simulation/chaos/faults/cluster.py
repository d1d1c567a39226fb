"""What happens among three brokers."""

import asyncio
import signal
from contextlib import ExitStack

from aiokafka.admin import AIOKafkaAdminClient

from shared.contracts import TOPICS
from shared.messaging.profile import BrokerKind
from simulation.chaos.faults.registry import Missed, fault
from simulation.chaos.field import Field
from simulation.demo.dice import Dice

BACK_SECONDS = 60


@fault("leader-killed", BrokerKind.KAFKA, cluster=True)
async def leader_killed(field: Field, dice: Dice) -> str:
    """kill -9 of the broker that leads a topic's first partition."""
    topic = dice.one_of(TOPICS, "topic")
    admin = AIOKafkaAdminClient(bootstrap_servers=field.state.kafka)
    await admin.start()
    try:
        described = await admin.describe_topics([topic])
    finally:
        await admin.close()
    leaders = [partition["leader"] for partition in described[0]["partitions"] if partition["partition"] == 0]
    name = f"broker-{leaders[0]}" if leaders else ""
    if not field.send(name, signal.SIGKILL):
        raise Missed(f"{topic} has no leader just now")
    return f"{name}, leader of {topic}"


@fault("minority-cut-off", BrokerKind.KAFKA, cluster=True)
async def minority_cut_off(field: Field, dice: Dice) -> str:
    """One broker cut off from the other two and from everybody else, longer than its session lasts."""
    name, seconds = dice.one_of(field.state.broker_names, "broker"), dice.between(6, 14, "seconds")
    with ExitStack() as stack:
        for server, proxy in field.proxies.items():
            if server.startswith(name):
                stack.enter_context(proxy.cut(lambda _: True))
            elif server.startswith("broker"):
                stack.enter_context(proxy.cut(field.connections_of(name)))
        await asyncio.sleep(seconds)
    return f"{name} for {seconds} s"


@fault("rolling-restart", BrokerKind.KAFKA, cluster=True)
async def rolling_restart(field: Field, dice: Dice) -> str:
    """All brokers stopped in order and started again, one after another."""
    names = field.state.broker_names
    for name in names:
        if not field.send(name, signal.SIGTERM):
            raise Missed(f"{name} did not run")
        await asyncio.sleep(2)
        if name in await field.missing(BACK_SECONDS):
            raise Missed(f"{name} did not come back within {BACK_SECONDS} s")
    return ", ".join(names)
