"""The one lock of this service: the row of the voucher. Decisions about a voucher, and its events, come one after another.

The deadlines have locks of their own (`deadlines/locks.py`). A transaction that needs both takes the voucher's first.
"""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import col

from services.vouchers.tables import BookingRow, ChangeRow, VoucherRow
from shared.contracts.binding import require_same
from shared.contracts.common import VoucherEvent
from shared.kernel.errors import NotFound, NotYet
from shared.messaging.context import Context

_LOCKED = select(VoucherRow).where(col(VoucherRow.id) == bindparam("id")).with_for_update().execution_options(populate_existing=True)
"""Built once: `Session.get` would build it for each event."""


async def lock_voucher(context: Context, voucher_id: UUID) -> VoucherRow:
    """The voucher, locked and then read. `NotFound` unknown-voucher."""
    row = await _lock(context, voucher_id)
    if row is None:
        raise NotFound("unknown-voucher", "There is no such voucher.", voucher_id=voucher_id)
    return row


async def lock_reported_voucher(context: Context, event: VoucherEvent) -> VoucherRow:
    """The voucher that an event is about, locked and then read. `NotYet` when its lifecycle has not written it yet; `Contradiction` when
    the event is about another case, region or currency."""
    row = await _lock(context, event.voucher_id)
    if row is None:
        raise NotYet(event.voucher_id)
    require_same(event, row)
    return row


async def lock_change(context: Context, change_id: UUID) -> tuple[ChangeRow, VoucherRow]:
    """A request for a change, and its voucher, locked. `NotFound` unknown-change."""
    found = await context.session.get(ChangeRow, change_id)
    if found is None:
        raise NotFound("unknown-change", "There is no such request for a change.")
    voucher = await lock_voucher(context, found.voucher_id)
    await context.session.refresh(found)  # it may have been decided while this waited for the lock
    return found, voucher


async def lock_booking(context: Context, booking_id: UUID) -> tuple[BookingRow, VoucherRow]:
    """A booking of a session, and its voucher, locked. `NotFound` unknown-booking."""
    found = await context.session.get(BookingRow, booking_id)
    if found is None:
        raise NotFound("unknown-booking", "There is no such booking.")
    voucher = await lock_voucher(context, found.voucher_id)
    await context.session.refresh(found)
    return found, voucher


async def _lock(context: Context, voucher_id: UUID) -> VoucherRow | None:
    row: VoucherRow | None = await context.session.scalar(_LOCKED, {"id": voucher_id})
    return row
