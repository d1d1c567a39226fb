"""Gives money that a voucher holds back to the envelope."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.payments.commands.about import about, tell
from services.payments.commands.move_money import move_money
from services.payments.commands.rows import heard_voucher
from services.payments.domain.ledger import Kind
from services.payments.tables import VoucherRow
from shared.contracts.payments import FundsReleased
from shared.contracts.vouchers import FundsReleaseRequested
from shared.messaging.cause import Cause


async def release_funds(session: AsyncSession, asked: FundsReleaseRequested, cause: Cause) -> None:
    """For an offer that was not taken."""
    voucher = await heard_voucher(session, asked.voucher_id)
    await release_before_issue(session, cause, voucher, "offer-not-taken")


async def release_before_issue(session: AsyncSession, cause: Cause, voucher: VoucherRow, reason: str) -> None:
    """All that is held; whoever asks second finds nothing left, and an issued voucher runs out by settlement."""
    kinds = {"reserved": Kind.RESERVATION_RELEASED, "committed": Kind.COMMITMENT_RELEASED}
    if voucher.state in kinds:
        kind, held = kinds[voucher.state], voucher.reserved_minor + voucher.committed_minor
        voucher.state = "released"
        await release(session, cause, voucher, kind, held, voucher.id, reason)


async def release(
    session: AsyncSession, cause: Cause, voucher: VoucherRow, kind: Kind, amount_minor: int, origin: UUID, reason: str
) -> None:
    """Moves a positive amount and tells it: the reserve list may move up."""
    available = await move_money(session, cause, voucher, kind, amount_minor, origin)
    voucher.released_minor += amount_minor
    released = FundsReleased(**about(voucher), amount_minor=amount_minor, currency=voucher.currency, available_minor=available)
    tell(session, cause, voucher, released, reason)
