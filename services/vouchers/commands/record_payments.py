"""What payments tells of a voucher, kept with it."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.vouchers.domain.stages import USABLE, Stage
from services.vouchers.steps.voucher import enter, locked
from services.vouchers.tables import RedemptionRow, VoucherRow
from shared.contracts.payments import ClaimLodged, DisbursementPaid, DisbursementReturned, VoucherSettled
from shared.messaging.context import Context


async def record_claim(context: Context, event: ClaimLodged) -> VoucherRow:
    """A voucher on which something was claimed does not expire."""
    row = await locked(context, event.voucher_id)
    row.claimed_at = row.claimed_at or context.happened_at
    return row


async def record_payment(context: Context, event: DisbursementPaid | DisbursementReturned) -> None:
    """What counts as redeemed is what was paid and not sent back. A return may come before its payment."""
    row = await locked(context, event.voucher_id)
    returned = isinstance(event, DisbursementReturned)
    values = event.model_dump(include={"disbursement_id", "attempt", "voucher_id", "amount_minor"}) | {"returned": returned}
    kept = insert(RedemptionRow).values(values)
    keys = ["disbursement_id", "attempt"]
    await context.session.execute(
        kept.on_conflict_do_update(index_elements=keys, set_={"returned": True}) if returned else kept.on_conflict_do_nothing()
    )
    standing = select(RedemptionRow).where(col(RedemptionRow.voucher_id) == row.id, ~col(RedemptionRow.returned))
    row.redeemed_minor = sum(redemption.amount_minor for redemption in await context.session.scalars(standing))


async def record_settlement(context: Context, event: VoucherSettled) -> VoucherRow:
    """Nothing is open any more. A voucher that is settled before its end (all of it is paid) is not valid any longer."""
    row = await locked(context, event.voucher_id)
    row.settled_at = row.settled_at or context.happened_at
    if event.paid_minor > 0:
        row.claimed_at = row.claimed_at or row.settled_at
    if row.state in USABLE:
        enter(context, row, Stage.SETTLING)
    return row
