"""A payment on a voucher was made, came back, or was corrected."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.vouchers.locks import lock_reported_voucher
from services.vouchers.tables import RedemptionRow
from shared.contracts.binding import require_amount, require_equal, require_same
from shared.contracts.corrections import DisbursementCorrected
from shared.contracts.payments import DisbursementPaid, DisbursementReturned
from shared.messaging.context import Context

Answer = DisbursementPaid | DisbursementReturned | DisbursementCorrected
_ORDER: tuple[type[Answer], ...] = (DisbursementCorrected, DisbursementPaid, DisbursementReturned)
"""Of events with the same number of corrections."""


async def record_payment(context: Context, event: Answer) -> None:
    """The redeemed amount is what was paid and not returned. Events may arrive in any order: the last one by its number of corrections
    counts, and of one number a return. `NotYet` when the voucher is not known yet; `Contradiction` when more than the voucher's value would
    be paid, or when the same payment had another amount."""
    row = await lock_reported_voucher(context, event)
    aid_minor = event.amount_minor - (event.own_minor or 0)  # the rest is of the deposit
    require_amount(event, "amount_minor", aid_minor, most=row.drawn_minor)
    known = await context.session.get(RedemptionRow, (event.disbursement_id, event.attempt))
    if known is not None:
        require_same(event, known)
        require_equal(event, "amount_minor", aid_minor, known.amount_minor)
    if known is None and isinstance(event, DisbursementCorrected) and event.undone not in ("paid", "returned"):
        return  # an answer that had moved no money
    paid = event.state == "paid" if isinstance(event, DisbursementCorrected) else isinstance(event, DisbursementPaid)
    now = {"returned": not paid, "step": len(_ORDER) * (event.correction or 0) + _ORDER.index(type(event))}
    new = insert(RedemptionRow).values(
        event.model_dump(include={"disbursement_id", "attempt", "voucher_id"}) | {"amount_minor": aid_minor} | now
    )
    keys, later = ["disbursement_id", "attempt"], col(RedemptionRow.step) < now["step"]
    await context.session.execute(new.on_conflict_do_update(index_elements=keys, set_=now, where=later))
    kept = select(RedemptionRow).where(col(RedemptionRow.voucher_id) == row.id, ~col(RedemptionRow.returned))
    kept = kept.execution_options(populate_existing=True)
    redeemed_minor = sum(redemption.amount_minor for redemption in await context.session.scalars(kept))
    require_amount(event, "amount_minor of all payments", redeemed_minor, most=row.drawn_minor)
    row.redeemed_minor = redeemed_minor
