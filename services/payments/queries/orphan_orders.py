"""Orphan orders: transfers in payment files from before a restore that no attempt matches yet, so the money may be paid.

This is all that the ordinary way of a payment asks about a restore; the one thing it does is `steps/match_orphan_order.py`.
"""

from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import col

from services.payments.iso20022.transliterate import transliterate
from services.payments.queries.views import OrphanOrderView
from services.payments.tables import DisbursementRow, OrphanOrderRow, VoucherRow
from shared.messaging.context import Context

_UNMATCHED = col(OrphanOrderRow.matched_at).is_(None)


def transliterated_code(voucher: VoucherRow) -> str | None:
    """The code as the remittance line of a payment file has it: banks do not take the check characters '*~$='."""
    return None if voucher.code is None else transliterate(voucher.code)


async def count_unmatched(context: Context, voucher: VoucherRow) -> int:
    """The orphan orders of the voucher. While there is one, the voucher takes claims, pays nothing else and is not settled."""
    own = col(OrphanOrderRow.voucher_code) == transliterated_code(voucher)
    return len((await context.session.scalars(select(OrphanOrderRow).where(_UNMATCHED, own))).all())


async def codes_in_doubt(context: Context) -> set[str]:
    """Transliterated codes of vouchers with an orphan order: another payment of theirs may be the same one under another id."""
    return set(await context.session.scalars(select(col(OrphanOrderRow.voucher_code)).where(_UNMATCHED)))


async def blocks_cancellation(context: Context, disbursement_id: UUID) -> bool:
    """True when an orphan order is an attempt at this disbursement: cancelling it would lose track of money that may be paid."""
    return bool(await context.session.scalar(select(exists().where(_UNMATCHED, col(OrphanOrderRow.disbursement_id) == disbursement_id))))


async def disbursement_id_before_restore(context: Context, voucher: VoucherRow, amount_minor: int) -> UUID | None:
    """The id under which this amount of this voucher was ordered in the recovery gap.

    The claim that is lodged again gets it, so that the bank's answers reach it and it is not paid a second time.
    """
    unknown_here = ~exists().where(col(DisbursementRow.id) == col(OrphanOrderRow.disbursement_id))
    same = (col(OrphanOrderRow.voucher_code) == transliterated_code(voucher), col(OrphanOrderRow.amount_minor) == amount_minor)
    query = select(col(OrphanOrderRow.disbursement_id)).where(_UNMATCHED, unknown_here, *same)
    return await context.session.scalar(query.order_by(col(OrphanOrderRow.disbursement_id)).limit(1))


async def list_orphan_orders(context: Context) -> list[OrphanOrderView]:
    """For the operator, of all regions."""
    query = select(OrphanOrderRow).where(_UNMATCHED).order_by(col(OrphanOrderRow.voucher_code))
    return [OrphanOrderView.model_validate(row.model_dump()) for row in await context.session.scalars(query)]
