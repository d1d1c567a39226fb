"""A broker that loses all its data."""

import asyncio
import shutil
import signal

from simulation.chaos.faults.registry import Skipped, fault
from simulation.chaos.target import Target
from simulation.demo.seeded_random import SeededRandom


@fault("broker-memory")
async def broker_data_loss(target: Target, random: SeededRandom) -> str:
    """The broker is killed and loses all data: Tansu keeps it in memory only, of Apache Kafka the disk is removed."""
    killed = [name for name in target.state.broker_names if target.send(name, signal.SIGKILL)]
    if not killed:
        raise Skipped("no broker is running")
    await asyncio.to_thread(_remove_disks, target)
    return ", ".join(killed)


def _remove_disks(target: Target) -> None:
    """Renames each folder before it is deleted, so that the broker cannot start with a part of its data."""
    for number, folder in enumerate(list(target.data.broker.glob("**/data"))):
        lost = target.data.root / f"lost-{number}"
        shutil.rmtree(lost, ignore_errors=True)
        folder.rename(lost)
        shutil.rmtree(lost, ignore_errors=True)
