"""Matches a credit on a statement to the recovery whose reference it quotes."""

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.bank_lines import BankLine, LineOutcome, MatchResult
from services.payments.domain.recoveries import Owed, doubt_about_credit, quoted_references
from services.payments.locks import find_and_lock_voucher
from services.payments.steps.recoveries import CREDIT_MATCHED, is_credit_used, settle
from services.payments.tables import RecoveryRow, VoucherRow
from shared.kernel.money import Money
from shared.messaging.context import Context

RECOVERED = "recovered"


async def named_recovery(context: Context, line: BankLine) -> tuple[RecoveryRow, VoucherRow] | None:
    """The recovery that the credit quotes, its voucher locked before anything of it is read."""
    quoted = quoted_references((line.end_to_end_id, *line.remittance))
    query = select(RecoveryRow).where(col(RecoveryRow.reference).in_(quoted)).order_by(col(RecoveryRow.id)).limit(1)
    recovery = await context.session.scalar(query) if quoted else None
    if recovery is None:
        return None
    voucher = await find_and_lock_voucher(context, recovery.voucher_id)
    assert voucher is not None
    await context.session.refresh(recovery)
    return recovery, voucher


async def match_credit(context: Context, line: BankLine, recovery: RecoveryRow, voucher: VoucherRow) -> MatchResult:
    """APPLIED when the credit has settled the recovery; else UNMATCHED, with the reason, for a person."""
    currency, account = recovery.currency, context.policies.get(voucher.policy_id).bank.debtor_iban
    returnable = Money(voucher.paid_minor - voucher.recovered_minor, currency)
    doubt = doubt_about_credit(Owed(recovery.state, account, Money(recovery.amount_minor, currency), returnable), line.account, line.amount)
    if doubt is None and line.bank_reference is not None and await is_credit_used(context, line.bank_reference):
        doubt = "credit-used"
    if doubt is not None:
        return MatchResult(LineOutcome.UNMATCHED, doubt)
    await settle(context, voucher, recovery, line.bank_reference, CREDIT_MATCHED)
    return MatchResult(LineOutcome.APPLIED, RECOVERED)
