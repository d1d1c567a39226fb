"""Keeps the public randomness of a call's draw, and draws when nothing else is awaited."""

import asyncio
import hashlib
from uuid import UUID

from services.evaluation.domain.randomness import round_in
from services.evaluation.locks import lock_call
from services.evaluation.queries.randomness import beacon_of, recorded_randomness
from services.evaluation.steps.ranking import put_ranking_in_force_if_complete
from services.evaluation.tables import CallRow, RandomnessRow
from shared.contracts.evaluation import RandomnessRecorded
from shared.kernel.errors import Conflict
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def keep_randomness(context: Context, call_id: UUID, file: str) -> RandomnessRow:
    """The row; the same round again changes nothing. `Conflict` 'no-randomness' or 'screening-not-complete'; `Refused` as `round_in`."""
    call = await context.session.get_one(CallRow, call_id)
    beacon = beacon_of(context, call)
    if beacon is None:
        raise Conflict("no-randomness", "The draw of this call uses no public randomness.")
    if call.complete_at is None:
        raise Conflict("screening-not-complete", "The screening of this call is not complete.")
    found = await asyncio.to_thread(round_in, file, beacon, call.complete_at)  # a second of computing; before the lock
    call = await lock_call(context, call_id)
    if known := await recorded_randomness(context, call):
        return known
    row = RandomnessRow(
        call_id=call.id, round=found.number, at=found.at, randomness=found.randomness, signature=found.signature, file=file,
        file_hash=hashlib.sha256(file.encode()).hexdigest(), given_by=context.actor.id, given_at=context.now,
    )  # fmt: skip
    context.session.add(row)
    recorded = RandomnessRecorded(
        call_id=call.id, region=call.region, round=row.round, at=row.at, randomness=row.randomness, signature=row.signature,
        file_hash=row.file_hash,
    )  # fmt: skip
    publish(context, recorded, reason="screening-completed", policy_id=call.policy_id)
    await context.session.flush()
    await put_ranking_in_force_if_complete(context, call)
    return row
