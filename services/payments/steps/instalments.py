"""The parts of a granted claim; and an advance that stays while its voucher takes claims."""

from sqlalchemy import func, select
from sqlmodel import col

from services.payments.domain.deposits import own_part
from services.payments.domain.instalments import ClaimKind, split
from services.payments.queries.instalments import standing_of
from services.payments.tables import ClaimLineRow, ClaimRow, DepositRow, DisbursementRow, VoucherRow
from shared.kernel.errors import Conflict
from shared.kernel.money import Money
from shared.kernel.vocabulary import ClaimState
from shared.messaging.context import Context
from shared.policy.case_terms import granted_rate


async def divide(context: Context, voucher: VoucherRow, claim: ClaimRow) -> None:
    """Of a claim that is accepted now, with what is granted: settled against the advance, kept for the balance, or to be paid. What is
    not granted may be claimed again. An advance is paid as a whole, and is no part of what is claimed. The caller holds the lock on the
    voucher."""
    assert claim.granted_minor is not None
    if claim.kind != ClaimKind.EXPENDITURE:
        return
    voucher.claimed_minor -= claim.requested_minor - claim.granted_minor
    parts = split(Money(claim.granted_minor, voucher.currency), await standing_of(context, voucher, besides=claim.id))
    claim.settled_minor, claim.retained_minor = parts.settled_minor, parts.retained_minor
    claim.own_minor = await _own_part(context, voucher, claim)
    claim.prepared = claim.payable_minor == 0


async def _own_part(context: Context, voucher: VoucherRow, claim: ClaimRow) -> int:
    """Of the deposit, less what other claims have taken of it. The expenditure is what was claimed, less what is cut of its lines."""
    deposit, granted = await context.session.get(DepositRow, voucher.id), claim.granted_minor
    if deposit is None or granted is None:
        return 0
    others = (col(ClaimRow.voucher_id) == voucher.id, col(ClaimRow.id) != claim.id, col(ClaimRow.state) == ClaimState.ACCEPTED)
    taken = await context.session.scalar(select(func.coalesce(func.sum(col(ClaimRow.own_minor)), 0)).where(*others))
    cut = await context.session.scalar(
        select(func.coalesce(func.sum(col(ClaimLineRow.cut_minor)), 0)).where(col(ClaimLineRow.claim_id) == claim.id)
    )
    eligible = Money(claim.eligible_minor - int(cut or 0), voucher.currency)
    left = deposit.amount_minor - int(taken or 0)
    return own_part(Money(granted, voucher.currency), eligible, left, granted_rate(context.policies.get(voucher.policy_id), voucher.terms))


async def keep_advance(context: Context, disbursement: DisbursementRow) -> None:
    """`Conflict` 'advance-stays': claims are settled against it, and its money would be missing from the voucher."""
    claim = await context.session.get_one(ClaimRow, disbursement.claim_id)
    if claim.kind == ClaimKind.ADVANCE:
        raise Conflict(
            "advance-stays", "The payment of an advance is not cancelled by itself: correct the account, or end the voucher as a whole."
        )
