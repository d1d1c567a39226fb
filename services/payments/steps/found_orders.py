"""Questions about orders found in bank files that no attempt has been placed for yet: money that may have gone."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import col

from services.payments.iso20022.transliterate import transliterate
from services.payments.tables import DisbursementRow, OrphanOrderRow, VoucherRow
from shared.kernel.errors import Conflict
from shared.messaging.context import Context

_UNPLACED = col(OrphanOrderRow.matched_at).is_(None)


def code_in_files(voucher: VoucherRow) -> str | None:
    """As the remittance line has it: a bank file knows none of the check characters '*~$=' and has another in their place."""
    return None if voucher.code is None else transliterate(voucher.code)


async def unplaced_of_voucher(context: Context, voucher: VoucherRow) -> int:
    """How many: while there is one the voucher takes claims, pays nothing else and is not settled."""
    mine = col(OrphanOrderRow.voucher_code) == code_in_files(voucher)
    return len((await context.session.scalars(select(OrphanOrderRow).where(_UNPLACED, mine))).all())


async def unplaced_codes(context: Context) -> set[str]:
    """Codes, as in files, of vouchers with an order that is not placed: another payment may be the same one under another id."""
    return set(await context.session.scalars(select(col(OrphanOrderRow.voucher_code)).where(_UNPLACED)))


async def is_ordered(context: Context, disbursement_id: UUID) -> bool:
    """Whether some attempt at this disbursement is in a file and not placed: giving it up would forget money that may have gone."""
    return bool(await context.session.scalar(select(exists().where(_UNPLACED, col(OrphanOrderRow.disbursement_id) == disbursement_id))))


async def refuse_if_ordered(context: Context, disbursement_id: UUID) -> None:
    """`Conflict` 'order-found'."""
    if await is_ordered(context, disbursement_id):
        raise Conflict("order-found", "A bank file of the time before the restore pays this: the bank's answer is awaited.")


async def lost_disbursement(context: Context, voucher: VoucherRow, amount_minor: int) -> UUID | None:
    """The id under which this amount of this voucher was paid in the lost time. The claim that is handed in again gets it, so that the
    bank's answers find it and it is not paid a second time."""
    unknown_here = ~exists().where(col(DisbursementRow.id) == col(OrphanOrderRow.disbursement_id))
    same = (col(OrphanOrderRow.voucher_code) == code_in_files(voucher), col(OrphanOrderRow.amount_minor) == amount_minor)
    query = select(col(OrphanOrderRow.disbursement_id)).where(_UNPLACED, unknown_here, *same)
    return await context.session.scalar(query.order_by(col(OrphanOrderRow.disbursement_id)).limit(1))
