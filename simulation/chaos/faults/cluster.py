"""Faults that need three brokers."""

import asyncio
import signal
from contextlib import ExitStack

from aiokafka.admin import AIOKafkaAdminClient

from shared.contracts import TOPICS
from shared.messaging.profile import BrokerKind
from simulation.chaos.faults.registry import Skipped, fault
from simulation.chaos.target import Target
from simulation.demo.seeded_random import SeededRandom

RESTART_SECONDS = 60


@fault("leader-killed", BrokerKind.KAFKA, cluster=True)
async def leader_killed(target: Target, random: SeededRandom) -> str:
    """kill -9 of the broker that is the leader of a topic's first partition."""
    topic = random.one_of(TOPICS, "topic")
    admin = AIOKafkaAdminClient(bootstrap_servers=target.state.kafka)
    await admin.start()
    try:
        described = await admin.describe_topics([topic])
    finally:
        await admin.close()
    leaders = [partition["leader"] for partition in described[0]["partitions"] if partition["partition"] == 0]
    name = f"broker-{leaders[0]}" if leaders else ""
    if not target.send(name, signal.SIGKILL):
        raise Skipped(f"{topic} has no leader now")
    return f"{name}, leader of {topic}"


@fault("minority-cut-off", BrokerKind.KAFKA, cluster=True)
async def minority_cut_off(target: Target, random: SeededRandom) -> str:
    """One broker is cut off from the other two and from all clients, longer than its session timeout."""
    name, seconds = random.one_of(target.state.broker_names, "broker"), random.between(6, 14, "seconds")
    with ExitStack() as stack:
        for server, proxy in target.proxies.items():
            if server.startswith(name):
                stack.enter_context(proxy.cut(lambda _: True))
            elif server.startswith("broker"):
                stack.enter_context(proxy.cut(target.connections_of(name)))
        await asyncio.sleep(seconds)
    return f"{name} for {seconds} s"


@fault("rolling-restart", BrokerKind.KAFKA, cluster=True)
async def rolling_restart(target: Target, random: SeededRandom) -> str:
    """All brokers are stopped and restarted, one after another."""
    names = target.state.broker_names
    for name in names:
        if not target.send(name, signal.SIGTERM):
            raise Skipped(f"{name} is not running")
        await asyncio.sleep(2)
        if name in await target.wait_until_ready(RESTART_SECONDS):
            raise Skipped(f"{name} did not restart within {RESTART_SECONDS} s")
    return ", ".join(names)
