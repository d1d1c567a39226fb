"""Gives money that a voucher holds back to the envelope."""

from uuid import UUID

from services.payments.domain.ledger import Kind
from services.payments.locks import heard_voucher
from services.payments.steps.events import about, tell
from services.payments.steps.ledger import move_money
from services.payments.tables import VoucherRow
from shared.contracts.payments import FundsReleased
from shared.contracts.vouchers import FundsReleaseRequested
from shared.messaging.context import Context


async def release_funds(context: Context, asked: FundsReleaseRequested) -> None:
    """For an offer that was not taken."""
    voucher = await heard_voucher(context, asked.voucher_id)
    await release_before_issue(context, voucher, "offer-not-taken")


async def release_before_issue(context: Context, voucher: VoucherRow, reason: str) -> None:
    """All that is held; whoever asks second finds nothing left, and an issued voucher runs out by settlement."""
    kinds = {"reserved": Kind.RESERVATION_RELEASED, "committed": Kind.COMMITMENT_RELEASED}
    if voucher.state in kinds:
        kind, held = kinds[voucher.state], voucher.reserved_minor + voucher.committed_minor
        voucher.state = "released"
        await release(context, voucher, kind, held, voucher.id, reason)


async def release(context: Context, voucher: VoucherRow, kind: Kind, amount_minor: int, origin: UUID, reason: str) -> None:
    """Moves a positive amount and tells it: the reserve list may move up."""
    available = await move_money(context, voucher, kind, amount_minor, origin)
    voucher.released_minor += amount_minor
    released = FundsReleased(**about(voucher), amount_minor=amount_minor, currency=voucher.currency, available_minor=available)
    tell(context, voucher, released, reason)
