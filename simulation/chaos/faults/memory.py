"""A broker that comes back with nothing."""

import asyncio
import shutil
import signal

from simulation.chaos.faults.registry import Missed, fault
from simulation.chaos.field import Field
from simulation.demo.dice import Dice


@fault("broker-memory")
async def broker_memory(field: Field, dice: Dice) -> str:
    """The broker killed, and all it held gone: the embedded one forgets by itself, Apache Kafka loses its disk."""
    killed = [name for name in field.state.broker_names if field.send(name, signal.SIGKILL)]
    if not killed:
        raise Missed("no broker ran")
    await asyncio.to_thread(_lose_disks, field)
    return ", ".join(killed)


def _lose_disks(field: Field) -> None:
    """Renamed at once, so that the broker cannot come up on half of it."""
    for number, data in enumerate(list(field.home.broker.glob("**/data"))):
        lost = field.home.root / f"lost-{number}"
        shutil.rmtree(lost, ignore_errors=True)
        data.rename(lost)
        shutil.rmtree(lost, ignore_errors=True)
