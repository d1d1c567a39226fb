"""What was kept of a voucher's claims is paid once the final report is accepted, or goes back to the envelope when none came in time."""

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.instalments import BalanceOutcome, ClaimKind
from services.payments.domain.states import MoneyState
from services.payments.locks import lock_reported_voucher
from services.payments.queries.instalments import held_of
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.steps.settlement import settle_if_run_out
from services.payments.tables import BalanceRow, ClaimRow, VoucherRow
from shared.contracts.payments import BalanceReleased
from shared.contracts.vouchers import MilestoneReached, ReportAccepted
from shared.kernel.errors import NotYet
from shared.kernel.ids import derive_id
from shared.kernel.vocabulary import ClaimState
from shared.messaging.context import Context


async def release_balance(context: Context, accepted: ReportAccepted) -> None:
    """Once per voucher, whatever came first. Its claim is written accepted, to the payee of the last claim, so that finance prepares it."""
    voucher = await lock_reported_voucher(context, accepted)
    if not await _is_open(context, voucher):
        return
    held = await held_of(context, voucher)
    context.session.add(BalanceRow(voucher_id=voucher.id, outcome=BalanceOutcome.RELEASED, decided_at=context.now))
    if held:
        await _write_claim(context, voucher, held)
    await settle_if_run_out(context, voucher)


async def lapse_balance(context: Context, reached: MilestoneReached) -> None:
    """MilestoneReached, final-report-due: no report came in time. What was kept is released with the rest when the voucher is settled."""
    voucher = await lock_reported_voucher(context, reached)
    if await _is_open(context, voucher):
        context.session.add(BalanceRow(voucher_id=voucher.id, outcome=BalanceOutcome.LAPSED, decided_at=context.now))
        await settle_if_run_out(context, voucher)


async def _is_open(context: Context, voucher: VoucherRow) -> bool:
    """False where nothing is kept, where it is decided, and where the voucher has ended. `NotYet` before the voucher is issued."""
    if context.policies.get(voucher.policy_id).balance is None:
        return False
    if voucher.state in (MoneyState.RESERVED, MoneyState.COMMITTED):
        raise NotYet(voucher.id, "VoucherIssued has not arrived")
    return voucher.state == MoneyState.ISSUED and await context.session.get(BalanceRow, voucher.id) is None


async def _write_claim(context: Context, voucher: VoucherRow, held_minor: int) -> None:
    policy, row = context.policies.get(voucher.policy_id), ClaimRow
    kept = (col(row.voucher_id) == voucher.id, col(row.state) == ClaimState.ACCEPTED, col(row.retained_minor) > 0)
    payee_id = await context.session.scalar(select(col(row.payee_id)).where(*kept).order_by(col(row.decided_at).desc()).limit(1))
    assert payee_id is not None, "what is kept is of an accepted claim"
    claim = ClaimRow(
        id=derive_id(voucher.id, "balance"), voucher_id=voucher.id, organisation_id=voucher.organisation_id, region=voucher.region,
        call_id=voucher.call_id, payee_id=payee_id, state=ClaimState.ACCEPTED, kind=ClaimKind.BALANCE, eligible_minor=held_minor,
        requested_minor=held_minor, granted_minor=held_minor, value_minor=voucher.value_minor, lodged_at=context.now, check_by=context.now,
        decided_at=context.now, decided_by=context.actor.id, pay_by=policy.capped_deadline(policy.claims.pay_within, context.now),
    )  # fmt: skip
    context.session.add(claim)
    await context.session.flush()
    released = BalanceReleased(
        **voucher_fields(voucher), claim_id=claim.id, amount_minor=held_minor, currency=voucher.currency, pay_by=claim.pay_by
    )
    publish_voucher_event(context, voucher, released, "report-accepted")
