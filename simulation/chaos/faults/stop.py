"""SIGSTOP and SIGCONT: a process that pauses without noticing it."""

import asyncio
import signal

from deploy.embedded import composition
from deploy.embedded.ports import free_port
from deploy.embedded.program import Program
from shared.kernel.services import SERVICES
from simulation.chaos.faults.registry import Skipped, fault
from simulation.chaos.target import Target
from simulation.demo.seeded_random import SeededRandom

TERMINATE_LEADER = """
    SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE locktype = 'advisory' AND granted AND datname = current_database()
"""


@fault("stop")
async def stop(target: Target, random: SeededRandom) -> str:
    """SIGSTOP of one process for some seconds."""
    name, seconds = random.one_of(sorted(target.process_statuses), "who"), random.between(2, 12, "seconds")
    if not target.send(name, signal.SIGSTOP):
        raise Skipped(f"{name} is not running")
    await asyncio.sleep(seconds)
    target.send(name, signal.SIGCONT)
    return f"{name} for {seconds} s"


@fault("two-leaders")
async def two_leaders(target: Target, random: SeededRandom) -> str:
    """A worker is paused, loses its lease to a second worker, and continues as if it still had the lease."""
    service, seconds = random.one_of(SERVICES, "service"), random.between(4, 10, "seconds")
    name = f"{service}-worker"
    environment = composition.environment(name, target.state, target.data)
    second = Program(name, f"services.{service}.worker", target.data, port=free_port(), environment=lambda: environment)
    if not target.send(name, signal.SIGSTOP):
        raise Skipped(f"{name} is not running")
    second.start()
    try:
        async with target.superuser(service) as database:
            await database.execute(TERMINATE_LEADER)
        await asyncio.sleep(seconds)
        target.send(name, signal.SIGCONT)
        await asyncio.sleep(seconds)
    finally:
        target.send(name, signal.SIGCONT)
        await asyncio.to_thread(second.stop)  # in a thread: it may wait for connections that our proxies carry
    return f"{name}, beside a second one, for {seconds} s"
