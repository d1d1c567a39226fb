"""An officer extends the validity. The old dates are kept."""

from datetime import datetime
from uuid import UUID

from services.vouchers.domain.terms import extended
from services.vouchers.locks import lock_voucher
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.steps.voucher import facts_of
from services.vouchers.tables import ExtensionRow, VoucherRow
from shared.contracts.vouchers import VoucherExtended
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
    new = extended(context.policies.get(row.policy_id), facts_of(row), until, context.now)
    dates = {
        "previous_valid_until": row.valid_until,
        "previous_claim_window_until": row.claim_window_until,
        "valid_until": new.valid_until,
        "claim_window_until": new.claim_window_until,
    }
    row.valid_until, row.claim_window_until, row.extensions = new.valid_until, new.claim_window_until, row.extensions + 1
    made = {"voucher_id": row.id, "number": row.extensions, "extended_at": context.now, "actor": context.actor.id, "reason": reason}
    context.session.add(ExtensionRow.model_validate(made | dates))
    publish_voucher_event(context, row, VoucherExtended, reason, **dates)
    return row
