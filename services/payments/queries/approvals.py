"""What counts towards the approvals of a payment, and what an approver approves."""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from services.payments.domain.accounts import payment_hash
from services.payments.domain.approvals import Others, account_window_days
from services.payments.domain.status import IN_FORCE, AttemptState
from services.payments.tables import AttemptRow, DisbursementRow, PayeeAccountRow, PayeeRow
from shared.kernel.money import Money
from shared.messaging.context import Context
from shared.policy.sections import Approvals


async def other_payments(context: Context, disbursement: DisbursementRow, payee: PayeeRow, approvals: Approvals) -> Others:
    """The caller holds the lock on the voucher and `lock_account`, so that of two payments at once the later counts the earlier.

    To the account: attempts in force to every payee that has the account now. What the bank rejected or returned was not paid.
    """
    since = context.now - timedelta(days=account_window_days(approvals))
    on_voucher = (col(DisbursementRow.voucher_id) == disbursement.voucher_id, col(DisbursementRow.state) != AttemptState.CANCELLED)
    to_account = (
        col(PayeeRow.account_key) == payee.account_key,
        col(DisbursementRow.currency) == disbursement.currency,
        col(AttemptRow.state).in_(IN_FORCE),
        func.coalesce(col(AttemptRow.prepared_at), col(DisbursementRow.prepared_at)) > since,
    )
    return Others(await _total(context, disbursement, *on_voucher), await _total(context, disbursement, *to_account, by_attempt=True))


async def hash_to_approve(context: Context, disbursement: DisbursementRow, attempt: AttemptRow) -> str:
    return hash_of(disbursement, await account_of(context, attempt))


def hash_of(disbursement: DisbursementRow, account: PayeeAccountRow) -> str:
    """What is approved, and what a file may pay: this amount to this version of a payee's account."""
    return payment_hash(account.payee_id, account.name, account.account_number, Money(disbursement.amount_minor, disbursement.currency))


async def account_of(context: Context, attempt: AttemptRow) -> PayeeAccountRow:
    """The version of the payee's account that the attempt pays to."""
    return await context.session.get_one(PayeeAccountRow, (attempt.payee_id, attempt.account_version))


async def _total(context: Context, but: DisbursementRow, *criteria: ColumnElement[bool], by_attempt: bool = False) -> int:
    query = select(func.coalesce(func.sum(col(DisbursementRow.amount_minor)), 0)).select_from(DisbursementRow)
    if by_attempt:
        query = query.join(AttemptRow, col(AttemptRow.disbursement_id) == col(DisbursementRow.id))
        query = query.join(PayeeRow, col(PayeeRow.id) == col(AttemptRow.payee_id))
    return int(await context.session.scalar(query.where(col(DisbursementRow.id) != but.id, *criteria)) or 0)
