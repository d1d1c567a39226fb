"""One process whose clock is ahead of everybody else's."""

import asyncio
import json
import signal
from datetime import timedelta

from simulation.chaos.faults.registry import fault
from simulation.chaos.field import Field
from simulation.demo.dice import Dice


@fault("clock-ahead")
async def clock_ahead(field: Field, dice: Dice) -> str:
    """One process of a service starts anew with a clock some hours ahead, and later with the right one again."""
    name, hours = dice.one_of(field.service_processes, "who"), dice.between(1, 30, "hours")
    seconds = dice.between(6, 15, "seconds")
    now = field.state
    ahead = now.clock_real - now.clock.real_duration(timedelta(hours=hours))
    override = field.home.override(name)
    override.parent.mkdir(exist_ok=True)
    override.write_text(json.dumps({"TRIPTYCH_CLOCK_REAL": ahead.isoformat()}))
    try:
        field.send(name, signal.SIGKILL)
        await asyncio.sleep(seconds)
    finally:
        override.unlink()
        field.send(name, signal.SIGKILL)
    return f"{name} {hours} h ahead for {seconds} s"
