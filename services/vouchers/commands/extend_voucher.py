"""An officer extends the validity. The old dates are kept."""

from datetime import datetime
from uuid import UUID

from services.vouchers.locks import lock_voucher
from services.vouchers.steps.extension import extend
from services.vouchers.tables import VoucherRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def extend_voucher(context: Context, voucher_id: UUID, *, until: datetime, reason: str) -> VoucherRow:
    """To the end of the local day of `until`, by the policy that the voucher was issued under. The same end twice does nothing.

    Raises `Conflict` not-valid, extensions-used-up; `Refused` date-not-later, extension-too-long.
    """
    row = await lock_voucher(context, voucher_id)
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=row.region)
    await take_part(context, Duty.MANAGE_VOUCHER, row.application_id, call_id=row.call_id)
    if row.extensions and until == row.valid_until:
        return row
    extend(context, row, until, reason)
    return row
