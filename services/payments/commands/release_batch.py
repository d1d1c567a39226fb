"""A second person gives a sealed payment file out: only then is it signed and written for the bank."""

from uuid import UUID

from sqlmodel import col

from services.payments.domain.states import BatchState
from services.payments.locks import lock_row
from services.payments.queries.holds import refuse_while_held
from services.payments.tables import BatchRow
from shared.contracts.payments import BatchReleased
from shared.identity.permissions import Permission, authorise
from shared.identity.separation import require_distinct
from shared.kernel.errors import Conflict, Forbidden, NotFound
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def release_batch(context: Context, batch_id: UUID) -> BatchRow:
    """By another person than the one who sealed it. `NotFound` 'unknown-batch', `Conflict` 'batch-not-sealed' or 'payments-held'."""
    batch = await lock_row(context, BatchRow, col(BatchRow.id) == batch_id)
    if batch is None:
        raise NotFound("unknown-batch", "There is no such batch.")
    authorise(context.actor, Permission.RELEASE_BATCH, region=batch.region)
    await refuse_while_held(context)
    if batch.state != BatchState.SEALED:
        raise Conflict("batch-not-sealed", "The batch is {state}: it cannot be released.", state=batch.state)
    sealed = Forbidden("sealed-it", "You sealed this batch, so another person has to release it.")
    require_distinct(context.actor.id, {batch.sealed_by or ""}, sealed)
    batch.state, batch.released_at, batch.released_by = BatchState.RELEASED, context.now, context.actor.id
    released = BatchReleased(batch_id=batch.id, region=batch.region, file_hash=batch.file_hash)
    publish(context, released, reason="payment-run", policy_id=batch.policy_id)
    return batch
