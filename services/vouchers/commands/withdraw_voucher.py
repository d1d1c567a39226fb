"""The beneficiary gives the voucher up."""

from uuid import UUID

from services.vouchers.locks import lock_voucher
from services.vouchers.steps.stop import stop_voucher
from services.vouchers.tables import VoucherRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.vocabulary import VoucherOutcome
from shared.messaging.acts import take_part
from shared.messaging.context import Context


async def withdraw_voucher(context: Context, voucher_id: UUID, *, reason: str) -> VoucherRow:
    """A second withdrawal does nothing. Raises `Conflict` not-offered-yet, already-ended."""
    row = await lock_voucher(context, voucher_id)
    authorise(context.actor, Permission.WITHDRAW, region=row.region, owner=owned_by(row.organisation_id))
    await take_part(context, Duty.APPLY, row.application_id, call_id=row.call_id)
    await stop_voucher(context, row, VoucherOutcome.WITHDRAWN, reason)
    return row
