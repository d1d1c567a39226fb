"""A voucher has run out: what is left goes back to the envelope, and everybody is told, once."""

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from services.payments.commands.release_funds import release
from services.payments.domain.ledger import Kind
from services.payments.domain.settlement import Position, has_run_out
from services.payments.domain.status import FINAL
from services.payments.steps.events import about, tell
from services.payments.steps.found_orders import unplaced_of_voucher
from services.payments.tables import ClaimRow, DisbursementRow, RecoveryRow, VoucherRow
from shared.contracts.payments import VoucherSettled
from shared.kernel.ids import derive_id
from shared.messaging.context import Context


async def settle_if_run_out(context: Context, voucher: VoucherRow) -> None:
    """Called by every command that may have closed the last open thing of a voucher (which it holds locked)."""
    await context.session.flush()
    if not has_run_out(await _position(context, voucher)):
        return
    left, reason = voucher.committed_minor, voucher.closure_reason or "wholly-claimed"
    voucher.state = "settled"
    if left:
        await release(context, voucher, Kind.COMMITMENT_RELEASED, left, derive_id(voucher.id, "settlement"), reason)
    settled = VoucherSettled(
        **about(voucher),
        paid_minor=voucher.paid_minor,
        recovered_minor=voucher.recovered_minor,
        released_minor=voucher.released_minor,
        currency=voucher.currency,
    )
    tell(context, voucher, settled, reason)


async def _position(context: Context, voucher: VoucherRow) -> Position:
    disbursed = select(col(DisbursementRow.id)).where(col(DisbursementRow.claim_id) == col(ClaimRow.id)).exists()
    open_claim = (col(ClaimRow.state) == "lodged") | ((col(ClaimRow.state) == "accepted") & ~disbursed)
    open_disbursement = col(DisbursementRow.state).not_in(FINAL)
    return Position(
        state=voucher.state,
        closure_reason=voucher.closure_reason,
        amount_minor=voucher.amount_minor,
        claimed_minor=voucher.claimed_minor,
        open_claims=await _count(context, col(ClaimRow.voucher_id) == voucher.id, open_claim),
        open_disbursements=await _count(context, col(DisbursementRow.voucher_id) == voucher.id, open_disbursement)
        + await unplaced_of_voucher(context, voucher),
        open_recoveries=await _count(context, col(RecoveryRow.voucher_id) == voucher.id, col(RecoveryRow.state) == "ordered"),
    )


async def _count(context: Context, *criteria: ColumnElement[bool]) -> int:
    return await context.session.scalar(select(func.count()).where(*criteria)) or 0
