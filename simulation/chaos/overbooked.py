"""Awards race for the last of an envelope: evaluation believes that one of the round's calls has twice the money that it has.

Evaluation awards no more than it believes to be there, so without this nobody would ever ask payments for more than an envelope holds,
and the one guard that counts would stand unused. A slip in a copied figure is what it is there for.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import asyncpg

from simulation.chaos.field import Field
from simulation.demo.dice import Dice
from simulation.demo.play import Play

_DOUBLE = "UPDATE calls SET envelope_minor = envelope_minor * 2 WHERE region = $1 AND slug = $2 AND opens_at > $3"
_DONE = "UPDATE 1"
_LOOK_SECONDS = 0.2


async def overbook(field: Field, plays: Sequence[Play], dice: Dice) -> bool:
    """As soon as evaluation has the call. False when it opened before that: what is decided stays as it was decided."""
    region = dice.one_of(plays, "overbooked").region
    while region.now < region.opens_at:
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            async with field.superuser("evaluation") as database:
                if await database.execute(_DOUBLE, region.id, region.call.id, region.now) == _DONE:
                    return True
        await asyncio.sleep(_LOOK_SECONDS)
    return False
