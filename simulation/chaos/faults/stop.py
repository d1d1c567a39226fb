"""SIGSTOP and SIGCONT: a process that does not know that it was away."""

import asyncio
import signal

from deploy.embedded import composition
from deploy.embedded.databases import SERVICES
from deploy.embedded.ports import free_port
from deploy.embedded.program import Program
from simulation.chaos.faults.registry import Missed, fault
from simulation.chaos.field import Field
from simulation.demo.dice import Dice

DISMISS_LEADER = """
    SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE locktype = 'advisory' AND granted AND datname = current_database()
"""


@fault("stop")
async def stop(field: Field, dice: Dice) -> str:
    """SIGSTOP of any process for some seconds."""
    name, seconds = dice.one_of(sorted(field.entries), "who"), dice.between(2, 12, "seconds")
    if not field.send(name, signal.SIGSTOP):
        raise Missed(f"{name} did not run")
    await asyncio.sleep(seconds)
    field.send(name, signal.SIGCONT)
    return f"{name} for {seconds} s"


@fault("two-leaders")
async def two_leaders(field: Field, dice: Dice) -> str:
    """A worker stops, loses its lease to a second one, and wakes believing that it still leads."""
    service, seconds = dice.one_of(SERVICES, "service"), dice.between(4, 10, "seconds")
    name = f"{service}-worker"
    told = composition.environment(name, field.state, field.home)
    second = Program(name, f"services.{service}.worker", field.home, port=free_port(), environment=lambda: told)
    if not field.send(name, signal.SIGSTOP):
        raise Missed(f"{name} did not run")
    second.start()
    try:
        async with field.superuser(service) as database:
            await database.execute(DISMISS_LEADER)
        await asyncio.sleep(seconds)
        field.send(name, signal.SIGCONT)
        await asyncio.sleep(seconds)
    finally:
        field.send(name, signal.SIGCONT)
        await asyncio.to_thread(second.stop)  # it may wait for links that run through us
    return f"{name}, beside a second one, for {seconds} s"
