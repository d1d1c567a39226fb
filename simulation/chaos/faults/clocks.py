"""One process whose clock is ahead of the others."""

import asyncio
import json
import signal
from datetime import timedelta

from simulation.chaos.faults.registry import fault
from simulation.chaos.target import Target
from simulation.demo.seeded_random import SeededRandom


@fault("clock-ahead")
async def clock_ahead(target: Target, random: SeededRandom) -> str:
    """One process of a service is restarted with a clock some hours ahead, and later with the right clock.

    Dates that are so much too late are no finding of the round.
    """
    name, hours = random.one_of(target.service_processes, "who"), random.between(1, 30, "hours")
    seconds = random.between(6, 15, "seconds")
    state, target.clocks_apart = target.state, max(target.clocks_apart, timedelta(hours=hours))
    ahead = state.clock_real - state.clock.real_duration(timedelta(hours=hours))
    override = target.data.environment_overrides(name)
    override.parent.mkdir(exist_ok=True)
    override.write_text(json.dumps({"TRIPTYCH_CLOCK_REAL": ahead.isoformat()}))
    try:
        target.send(name, signal.SIGKILL)
        await asyncio.sleep(seconds)
    finally:
        override.unlink()
        target.send(name, signal.SIGKILL)
    return f"{name} {hours} h ahead for {seconds} s"
