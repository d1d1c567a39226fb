"""Which batches the bank has not answered on in full."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.vouchers.tables import BatchRow
from shared.messaging.context import Context


async def batch_sent(context: Context, batch_id: UUID, disbursement_ids: Sequence[UUID]) -> bool:
    """True when the bank has answered on all of it already."""
    row = await _locked(context, batch_id)
    row.awaits = list(disbursement_ids)
    return _complete(row)


async def bank_answered(context: Context, batch_id: UUID, disbursement_id: UUID) -> bool:
    """True when with this the bank has answered on all of a sent batch. An answer may be heard before the sending."""
    row = await _locked(context, batch_id)
    if disbursement_id not in row.answered:
        row.answered = [*row.answered, disbursement_id]
    return _complete(row)


def _complete(row: BatchRow) -> bool:
    return row.awaits is not None and set(row.awaits) <= set(row.answered)


async def _locked(context: Context, batch_id: UUID) -> BatchRow:
    await context.session.execute(insert(BatchRow).values(id=batch_id, answered=[]).on_conflict_do_nothing())
    return await context.session.get_one(BatchRow, batch_id, with_for_update=True, populate_existing=True)
