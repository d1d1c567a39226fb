"""The agency takes the voucher away."""

from uuid import UUID

from services.vouchers.locks import lock_voucher
from services.vouchers.steps.stop import stop_voucher
from services.vouchers.tables import VoucherRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.vocabulary import VoucherOutcome
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def revoke_voucher(context: Context, voucher_id: UUID, *, reason: str) -> VoucherRow:
    """Payments recovers or writes off what was paid. A second revocation does nothing. Raises `Conflict` not-offered-yet,
    already-ended."""
    row = await lock_voucher(context, voucher_id)
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=row.region)
    await take_part(context, Duty.MANAGE_VOUCHER, row.application_id, call_id=row.call_id)
    await stop_voucher(context, row, VoucherOutcome.REVOKED, reason)
    return row
