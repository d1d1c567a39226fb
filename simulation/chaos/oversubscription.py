"""Makes evaluation award more than an envelope holds: in its database, one call of the round gets twice the money.

Evaluation awards only what its own figure allows. Without this change payments would never be asked for more than the envelope holds, and
the conditional reservation in payments, which is the guard that counts, would never be tested. A wrong copy of a figure is the
mistake that the guard is for.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import asyncpg

from simulation.chaos.target import Target
from simulation.demo.scenario import Scenario
from simulation.demo.seeded_random import SeededRandom

_DOUBLE = "UPDATE calls SET envelope_minor = envelope_minor * 2 WHERE region = $1 AND slug = $2 AND opens_at > $3"
_ONE_ROW_UPDATED = "UPDATE 1"
_POLL_SECONDS = 0.2


async def oversubscribe(target: Target, scenarios: Sequence[Scenario], random: SeededRandom) -> bool:
    """Doubles the envelope as soon as evaluation has the call.

    Returns False if the call opened first: decisions that were already made are not changed.
    """
    region = random.one_of(scenarios, "overbooked").region
    while region.now < region.opens_at:
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            async with target.superuser("evaluation") as database:
                if await database.execute(_DOUBLE, region.id, region.call.id, region.now) == _ONE_ROW_UPDATED:
                    return True
        await asyncio.sleep(_POLL_SECONDS)
    return False
