"""A voucher is settled: nothing is open any more, and the rest of its money goes back to the envelope, once."""

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from services.payments.domain.ledger import EntryKind
from services.payments.domain.settlement import Balance, has_run_out
from services.payments.domain.states import MoneyState
from services.payments.domain.status import FINAL
from services.payments.queries.instalments import TO_PAY, held_of
from services.payments.queries.orphan_orders import count_unmatched
from services.payments.steps.deposits import close_deposit
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.steps.recovery_orders import recover_unspent_advance
from services.payments.steps.release import release_money
from services.payments.tables import ClaimRow, DisbursementRow, RecoveryRow, VoucherRow
from shared.contracts.payments import VoucherSettled
from shared.kernel.ids import derive_id
from shared.kernel.vocabulary import ClaimState, RecoveryState
from shared.messaging.context import Context


async def settle_if_run_out(context: Context, voucher: VoucherRow) -> None:
    """Called by every command that may have closed the last open thing of a voucher. The caller holds the lock on the voucher. What of an
    advance no claim has settled is asked back first."""
    await context.session.flush()
    if not has_run_out(await _balance(context, voucher)) or await recover_unspent_advance(context, voucher):
        return
    left, reason = voucher.committed_minor, voucher.closure_reason or "wholly-claimed"
    voucher.state = MoneyState.SETTLED
    await close_deposit(context, voucher)
    if left:
        await release_money(context, voucher, EntryKind.DECOMMITTED, left, derive_id(voucher.id, "settlement"), reason)
    settled = VoucherSettled(
        **voucher_fields(voucher),
        paid_minor=voucher.paid_minor,
        recovered_minor=voucher.recovered_minor,
        released_minor=voucher.released_minor,
        currency=voucher.currency,
    )
    publish_voucher_event(context, voucher, settled, reason)


async def _balance(context: Context, voucher: VoucherRow) -> Balance:
    disbursed = select(col(DisbursementRow.id)).where(col(DisbursementRow.claim_id) == col(ClaimRow.id)).exists()
    waiting = (ClaimState.LODGED, ClaimState.RETURNED)
    open_claim = col(ClaimRow.state).in_(waiting) | ((col(ClaimRow.state) == ClaimState.ACCEPTED) & ~disbursed & TO_PAY)
    open_disbursement = col(DisbursementRow.state).not_in(FINAL)
    open_recovery = col(RecoveryRow.state) == RecoveryState.ORDERED
    return Balance(
        state=voucher.state,
        closure_reason=voucher.closure_reason,
        value_minor=voucher.value_minor,
        claimed_minor=voucher.claimed_minor,
        open_claims=await _count(context, col(ClaimRow.voucher_id) == voucher.id, open_claim),
        open_disbursements=await _count(context, col(DisbursementRow.voucher_id) == voucher.id, open_disbursement)
        + await count_unmatched(context, voucher),
        open_recoveries=await _count(context, col(RecoveryRow.voucher_id) == voucher.id, open_recovery),
        held_minor=await held_of(context, voucher),
    )


async def _count(context: Context, *criteria: ColumnElement[bool]) -> int:
    return await context.session.scalar(select(func.count()).where(*criteria)) or 0
