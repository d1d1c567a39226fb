"""A booking that an officer decides about: found, locked, and the officer's part in the case."""

from uuid import UUID

from services.vouchers.locks import lock_booking
from services.vouchers.tables import BookingRow, SessionRow, VoucherRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def managed_booking(context: Context, booking_id: UUID) -> tuple[BookingRow, VoucherRow, SessionRow]:
    """With its voucher, which is locked, and its session. `NotFound` unknown-booking; `Forbidden`."""
    booking, row = await lock_booking(context, booking_id)
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=row.region)
    await take_part(context, Duty.CHECK_CLAIM, row.application_id, call_id=row.call_id)
    return booking, row, await context.session.get_one(SessionRow, booking.session_id)
