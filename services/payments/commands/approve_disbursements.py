"""A person approves many payments by one act: each is decided by itself, and those that are refused keep their reason."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.bulk import ItemResult, ToApprove, Waiting, check_total
from services.payments.domain.status import AttemptState
from services.payments.steps.approval import approve
from services.payments.tables import DisbursementRow, EnvelopeRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission
from shared.kernel.errors import NotFound, Refused
from shared.kernel.money import Money
from shared.messaging.context import Context
from shared.messaging.unwritten import write_events


async def approve_disbursements(context: Context, asked: Sequence[ToApprove], expected: Money) -> list[ItemResult]:
    """`NotFound` 'unknown-disbursement' or `Conflict` 'total-changed' before anything is approved. Envelopes are locked in one order, then
    as for one payment."""
    rows = await _lock(context, asked)
    check_total(asked, [Waiting(row.id, AttemptState(row.state), Money(row.amount_minor, row.currency)) for row in rows], expected)
    hashes = {one.disbursement_id: one.payment_hash for one in asked}
    return [await _approve_one(context, row.id, hashes[row.id]) for row in rows]


async def _lock(context: Context, asked: Sequence[ToApprove]) -> list[DisbursementRow]:
    """As they are now. `NotFound` 'unknown-disbursement' for one that the person may not read."""
    ids = [one.disbursement_id for one in asked]
    own = (col(DisbursementRow.id).in_(ids), in_scope(context.actor, Permission.READ_PAYMENTS, None, DisbursementRow))
    calls = select(col(DisbursementRow.call_id)).where(*own)
    envelopes = select(EnvelopeRow).where(col(EnvelopeRow.call_id).in_(calls)).order_by(col(EnvelopeRow.call_id))
    await context.session.scalars(envelopes.with_for_update(key_share=True))
    rows = select(DisbursementRow).where(*own).execution_options(populate_existing=True)
    order = (col(DisbursementRow.call_id), col(DisbursementRow.voucher_id), col(DisbursementRow.id))
    found = list(await context.session.scalars(rows.order_by(*order)))
    if len(found) < len(set(ids)):
        raise NotFound("unknown-disbursement", "There is no such disbursement.")
    return found


async def _approve_one(context: Context, disbursement_id: UUID, read_hash: str) -> ItemResult:
    """A savepoint each: a refusal undoes its own changes and no others."""
    await context.session.flush()
    await write_events(context.session)  # those of earlier payments, which the savepoint does not undo
    try:
        async with context.session.begin_nested():
            row = await approve(context, disbursement_id, read_hash)
            return ItemResult(row.id, row.state)
    except Refused as refusal:
        row = await context.session.get_one(DisbursementRow, disbursement_id, populate_existing=True)
        return ItemResult(disbursement_id, row.state, refusal)
