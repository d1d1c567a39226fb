"""Own shares that are paid in: awaited from the issue on, matched to a credit, used beside the aid, and what is left at the end. No other
module writes these entries of the ledger."""

from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_skip
from sqlmodel import col

from services.payments.domain.bank_lines import BankLine, LineOutcome, MatchResult
from services.payments.domain.deposits import DEPOSIT_MOVES, Awaited, DepositEntryKind, DepositState, doubt_about_deposit, own_share
from services.payments.domain.ledger import RegionAccount
from services.payments.domain.recoveries import quoted_references, reference_of
from services.payments.domain.status import AttemptState
from services.payments.locks import find_and_lock_voucher
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.steps.region_ledger import region_account_id
from services.payments.tables import DepositRow, DisbursementRow, LedgerAccountRow, LedgerEntryRow, LedgerPostingRow, VoucherRow
from shared.contracts.payments import DepositAwaited, DepositReceived
from shared.kernel.ids import derive_id
from shared.kernel.money import Money
from shared.messaging.context import Context
from shared.policy.case_terms import granted_rate

RECEIVED = "deposit-received"


async def await_deposit(context: Context, voucher: VoucherRow) -> None:
    """When the voucher is issued, where its policy asks for a deposit and the aid is not the whole cost."""
    policy = context.policies.get(voucher.policy_id)
    amount = own_share(Money(voucher.value_minor, voucher.currency), policy, granted_rate(policy, voucher.terms))
    if policy.deposit is None or amount.minor == 0:
        return
    row = DepositRow(
        voucher_id=voucher.id, region=voucher.region, currency=voucher.currency, amount_minor=amount.minor,
        due_at=policy.capped_deadline(policy.deposit.within, context.happened_at), reference=reference_of(derive_id(voucher.id, "deposit")),
    )  # fmt: skip
    context.session.add(row)
    awaited = DepositAwaited(
        **voucher_fields(voucher), amount_minor=row.amount_minor, currency=row.currency, due_at=row.due_at,
        calendar_id=policy.calendar_id(context.happened_at),
    )  # fmt: skip
    publish_voucher_event(context, voucher, awaited, "voucher-issued")


async def named_deposit(context: Context, line: BankLine) -> tuple[DepositRow, VoucherRow] | None:
    """The deposit that the credit quotes, its voucher locked before anything of it is read."""
    quoted = quoted_references((line.end_to_end_id, *line.remittance))
    query = select(DepositRow).where(col(DepositRow.reference).in_(quoted)).order_by(col(DepositRow.voucher_id)).limit(1)
    deposit = await context.session.scalar(query) if quoted else None
    if deposit is None:
        return None
    voucher = await find_and_lock_voucher(context, deposit.voucher_id)
    assert voucher is not None
    await context.session.refresh(deposit)
    return deposit, voucher


def match_deposit(context: Context, line: BankLine, deposit: DepositRow, voucher: VoucherRow) -> MatchResult:
    """APPLIED when the credit is the deposit; else UNMATCHED, with the reason, for a person."""
    policy = context.policies.get(voucher.policy_id)
    amount = Money(deposit.amount_minor, deposit.currency)
    awaited = Awaited(deposit.state, policy.bank.debtor_iban, amount, deposit.due_at, policy.zone)
    doubt = doubt_about_deposit(awaited, line.account, line.amount, line.on)
    return MatchResult(LineOutcome.UNMATCHED, doubt) if doubt else MatchResult(LineOutcome.APPLIED, RECEIVED)


async def receive_deposit(context: Context, line: BankLine, deposit: DepositRow, voucher: VoucherRow, line_id: UUID) -> None:
    """The line is stored. From now on claims are taken."""
    today = context.policies.get(voucher.policy_id).local_day(context.now)
    deposit.state, deposit.credit_line_id, deposit.paid_on = DepositState.PAID, line_id, line.on or today
    await _book(context, deposit, DepositEntryKind.RECEIVED, deposit.amount_minor, voucher.id)
    received = DepositReceived(**voucher_fields(voucher), amount_minor=deposit.amount_minor, currency=deposit.currency)
    publish_voucher_event(context, voucher, received, "bank-statement")


async def move_own_part(context: Context, disbursement: DisbursementRow, attempt_id: UUID, state: str | None) -> None:
    """A payment to a provider was booked, or came back: its part of the deposit goes with it."""
    kinds = {AttemptState.PAID: DepositEntryKind.USED, AttemptState.RETURNED: DepositEntryKind.BACK}
    kind = kinds.get(AttemptState(state)) if state else None
    if kind is None or disbursement.own_minor == 0:
        return
    deposit = await context.session.get_one(DepositRow, disbursement.voucher_id, populate_existing=True)
    deposit.used_minor += disbursement.own_minor if kind is DepositEntryKind.USED else -disbursement.own_minor
    await _book(context, deposit, kind, disbursement.own_minor, attempt_id)


async def free_own_part(context: Context, disbursement: DisbursementRow, attempt_id: UUID) -> None:
    """A payment is cancelled whose own part came back after the voucher had ended: that part has to go back to its sender too."""
    deposit = await context.session.get(DepositRow, disbursement.voucher_id, populate_existing=True) if disbursement.own_minor else None
    if deposit is not None and deposit.state == DepositState.CLOSED:
        deposit.left_minor += disbursement.own_minor
        await _book(context, deposit, DepositEntryKind.LEFT, disbursement.own_minor, attempt_id)


async def close_deposit(context: Context, voucher: VoucherRow) -> None:
    """The voucher is settled: what is left of the deposit has to go back to its sender."""
    deposit = await context.session.get(DepositRow, voucher.id, populate_existing=True)
    if deposit is not None and deposit.state == DepositState.AWAITED:
        deposit.state = DepositState.LAPSED
    if deposit is None or deposit.state != DepositState.PAID:
        return
    left = deposit.amount_minor - deposit.used_minor
    deposit.left_minor = left
    deposit.state = DepositState.CLOSED
    if left:
        await _book(context, deposit, DepositEntryKind.LEFT, left, voucher.id)


async def _book(context: Context, deposit: DepositRow, kind: DepositEntryKind, amount_minor: int, origin: UUID) -> None:
    """The caller holds the lock on the voucher. `origin` moves an amount at most once per kind."""
    assert deposit.credit_line_id is not None, "only a deposit that came in moves"
    region, currency = deposit.region, deposit.currency
    accounts = [
        {"id": region_account_id(region, one, currency), "region": region, "name": one.value, "currency": currency} for one in RegionAccount
    ]
    await context.session.execute(insert_or_skip(LedgerAccountRow).values(accounts).on_conflict_do_nothing())
    entry_id = derive_id(origin, "ledger", kind)
    entry = {"id": entry_id, "region": region, "line_id": deposit.credit_line_id, "kind": kind.value, "at": context.now}
    await context.session.execute(insert(LedgerEntryRow).values(entry))
    source, target = DEPOSIT_MOVES[kind]
    sides = [
        {"entry_id": entry_id, "account_id": region_account_id(region, account, currency), "amount_minor": change}
        for account, change in ((source, -amount_minor), (target, amount_minor))
    ]
    await context.session.execute(insert(LedgerPostingRow).values(sides))
