"""Money that a voucher holds goes back to the envelope."""

from uuid import UUID

from services.payments.domain.ledger import EntryKind
from services.payments.domain.states import MoneyState
from services.payments.steps.events import publish_voucher_event, voucher_fields
from services.payments.steps.ledger import move_money
from services.payments.tables import VoucherRow
from shared.contracts.payments import FundsReleased
from shared.messaging.context import Context

_KINDS = {MoneyState.RESERVED: EntryKind.RESERVATION_RELEASED, MoneyState.COMMITTED: EntryKind.DECOMMITTED}


async def release_money(context: Context, voucher: VoucherRow, kind: EntryKind, amount_minor: int, origin: UUID, reason: str) -> None:
    """Moves a positive amount and publishes FundsReleased, so that the reserve list may move up."""
    available = await move_money(context, voucher, kind, amount_minor, origin)
    voucher.released_minor += amount_minor
    released = FundsReleased(**voucher_fields(voucher), amount_minor=amount_minor, currency=voucher.currency, available_minor=available)
    publish_voucher_event(context, voucher, released, reason)


async def release_before_issue(context: Context, voucher: VoucherRow, reason: str) -> None:
    """Releases all that the voucher holds. Nothing to do the second time, and for an issued voucher, which ends by settlement."""
    state = MoneyState(voucher.state)
    if state in _KINDS:
        held = voucher.reserved_minor + voucher.committed_minor
        voucher.state = MoneyState.RELEASED
        await release_money(context, voucher, _KINDS[state], held, voucher.id, reason)
