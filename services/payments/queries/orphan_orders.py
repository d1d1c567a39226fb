"""Orphan orders: transfers in payment files from before a restore that no attempt matches yet, so the money may be paid.

This is all that the ordinary way of a payment asks about a restore; the one thing it does is `steps/match_orphan_order.py`.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlmodel import col

from services.payments.domain.bank_lines import KnownAttempt
from services.payments.domain.status import AttemptState
from services.payments.iso20022.transliterate import transliterate
from services.payments.queries.views import OrphanOrderView
from services.payments.tables import BatchRow, DisbursementRow, OrphanOrderRow, VoucherRow
from shared.kernel.money import Money
from shared.messaging.context import Context

_UNMATCHED = col(OrphanOrderRow.matched_at).is_(None)
_code_in_file = func.left(OrphanOrderRow.voucher_code, -1)
_ANY = "orphan-orders"


def transliterated_code(voucher: VoucherRow) -> str | None:
    """The code as the remittance line of a payment file has it, without its check character: banks do not take '*~$=', and the file may be
    of a version that spells them in another way."""
    return None if voucher.code is None else transliterate(voucher.code)[:-1]


async def count_unmatched(context: Context, voucher: VoucherRow) -> int:
    """The orphan orders of the voucher. While there is one, the voucher takes claims, pays nothing else and is not settled."""
    own = _code_in_file == transliterated_code(voucher)
    return len((await context.session.scalars(select(OrphanOrderRow).where(_UNMATCHED, own))).all())


async def codes_in_doubt(context: Context) -> set[str]:
    """Transliterated codes of vouchers with an orphan order: another payment of theirs may be the same one under another id."""
    return set(await context.session.scalars(select(_code_in_file).where(_UNMATCHED)))


async def blocks_cancellation(context: Context, disbursement_id: UUID) -> bool:
    """True when an orphan order is an attempt at this disbursement: cancelling it would lose track of money that may be paid."""
    return bool(await context.session.scalar(select(exists().where(_UNMATCHED, col(OrphanOrderRow.disbursement_id) == disbursement_id))))


async def disbursement_id_before_restore(context: Context, voucher: VoucherRow, amount_minor: int) -> UUID | None:
    """The id under which this amount of this voucher was ordered in the recovery gap.

    The claim that is lodged again gets it, so that the bank's answers reach it and it is not paid a second time.
    """
    unknown_here = ~exists().where(col(DisbursementRow.id) == col(OrphanOrderRow.disbursement_id))
    same = (_code_in_file == transliterated_code(voucher), col(OrphanOrderRow.amount_minor) == amount_minor)
    query = select(col(OrphanOrderRow.disbursement_id)).where(_UNMATCHED, unknown_here, *same)
    return await context.session.scalar(query.order_by(col(OrphanOrderRow.disbursement_id)).limit(1))


async def look_for_orphans(context: Context) -> None:
    """Before many lines of the bank are read: mostly there are none, and `orphan_attempts` need not ask for each line."""
    context.session.info[_ANY] = bool(await context.session.scalar(select(exists().where(_UNMATCHED))))


async def orphan_attempts(context: Context, names: Collection[UUID]) -> list[KnownAttempt]:
    """The orphan orders that these ids of payments or attempts name, as the matching of bank lines sees attempts: the bank has each, and
    its answer is not known. Without them a line that gives only the id of the payment would be taken for one about an earlier attempt."""
    if not names or not context.session.info.get(_ANY, True):
        return []
    named = or_(col(OrphanOrderRow.attempt_id).in_(names), col(OrphanOrderRow.disbursement_id).in_(names))
    query = select(OrphanOrderRow, col(BatchRow.debtor_account), col(BatchRow.execution_on)).join(BatchRow).where(_UNMATCHED, named)
    return [
        KnownAttempt(
            attempt_id=order.attempt_id, disbursement_id=order.disbursement_id, batch_id=order.batch_id, state=AttemptState.UNKNOWN,
            account=account, amount=Money(order.amount_minor, order.currency), execution_on=execution_on, is_orphan=True,
            number=order.number,
        )
        for order, account, execution_on in (await context.session.execute(query.order_by(col(OrphanOrderRow.attempt_id)))).all()
    ]  # fmt: skip


async def list_orphan_orders(context: Context) -> list[OrphanOrderView]:
    """For the operator, of all regions."""
    query = select(OrphanOrderRow).where(_UNMATCHED).order_by(col(OrphanOrderRow.voucher_code))
    return [OrphanOrderView.model_validate(row.model_dump()) for row in await context.session.scalars(query)]
