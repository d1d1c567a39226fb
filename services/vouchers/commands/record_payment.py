"""A payment on a voucher was made, or came back."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.vouchers.locks import lock_reported_voucher
from services.vouchers.tables import RedemptionRow
from shared.contracts.binding import require_amount, require_equal, require_same
from shared.contracts.payments import DisbursementPaid, DisbursementReturned
from shared.messaging.context import Context


async def record_payment(context: Context, event: DisbursementPaid | DisbursementReturned) -> None:
    """The redeemed amount is what was paid and not returned. A return may arrive before its payment. `NotYet` when the voucher is
    not known yet; `Contradiction` when more than the voucher's value would be paid, or when the same payment had another amount."""
    row = await lock_reported_voucher(context, event)
    aid_minor = event.amount_minor - (event.own_minor or 0)  # the rest is of the deposit
    require_amount(event, "amount_minor", aid_minor, most=row.drawn_minor)
    known = await context.session.get(RedemptionRow, (event.disbursement_id, event.attempt))
    if known is not None:
        require_same(event, known)
        require_equal(event, "amount_minor", aid_minor, known.amount_minor)
    returned = isinstance(event, DisbursementReturned)
    values = event.model_dump(include={"disbursement_id", "attempt", "voucher_id"}) | {"amount_minor": aid_minor, "returned": returned}
    new = insert(RedemptionRow).values(values)
    keys = ["disbursement_id", "attempt"]
    await context.session.execute(
        new.on_conflict_do_update(index_elements=keys, set_={"returned": True}) if returned else new.on_conflict_do_nothing()
    )
    kept = select(RedemptionRow).where(col(RedemptionRow.voucher_id) == row.id, ~col(RedemptionRow.returned))
    kept = kept.execution_options(populate_existing=True)
    redeemed_minor = sum(redemption.amount_minor for redemption in await context.session.scalars(kept))
    require_amount(event, "amount_minor of all payments", redeemed_minor, most=row.drawn_minor)
    row.redeemed_minor = redeemed_minor
