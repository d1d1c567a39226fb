"""The one lock of this service: the row of the voucher. Decisions about a voucher, and its events, come one after another.

The deadlines have locks of their own (`deadlines/locks.py`). A transaction that needs both takes the voucher's first.
"""

from uuid import UUID

from services.vouchers.tables import VoucherRow
from shared.contracts.binding import require_same
from shared.contracts.common import VoucherEvent
from shared.kernel.errors import NotFound, NotYet
from shared.messaging.context import Context


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


async def _lock(context: Context, voucher_id: UUID) -> VoucherRow | None:
    return await context.session.get(VoucherRow, voucher_id, with_for_update=True, populate_existing=True)
