"""Row locks of the deadlines: the call, the milestone or the batch. A transaction takes one of them."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.vouchers.deadlines.tables import BatchRow, CallRow, MilestoneRow
from shared.kernel.errors import NotYet
from shared.messaging.context import Context


async def lock_call(context: Context, call_id: UUID) -> CallRow:
    """The call, locked and then read. `NotYet` when CallPublished has not arrived.

    Commands that change or announce dates hold this lock, so a workflow that was signalled waits until the new dates are written.
    """
    row = await context.session.get(CallRow, call_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotYet(call_id)
    return row


async def lock_milestone(context: Context, subject_id: UUID, kind: str) -> MilestoneRow | None:
    return await context.session.get(MilestoneRow, (subject_id, kind), with_for_update=True, populate_existing=True)


async def lock_batch(context: Context, batch_id: UUID) -> BatchRow:
    """The batch, created when it is not known: an answer may arrive before BatchSent."""
    await context.session.execute(insert(BatchRow).values(id=batch_id, answered=[]).on_conflict_do_nothing())
    return await context.session.get_one(BatchRow, batch_id, with_for_update=True, populate_existing=True)
