"""Extends the validity of a voucher: an officer's own act, or the grant of a request."""

from datetime import datetime

from services.vouchers.domain.terms import extended
from services.vouchers.steps.events import publish_voucher_event
from services.vouchers.steps.voucher import facts_of
from services.vouchers.tables import ExtensionRow, VoucherRow
from shared.contracts.vouchers import VoucherExtended
from shared.messaging.context import Context


def extend(context: Context, row: VoucherRow, until: datetime, reason: str) -> None:
    """`row` is locked. To the end of the local day of `until`; the old dates are kept. `reason` is a code. Raises as `extended`."""
    policy = context.policies.get(row.policy_id)
    new = extended(policy, facts_of(row), until, context.now)
    dates = {
        "previous_valid_until": row.valid_until,
        "previous_claim_window_until": row.claim_window_until,
        "valid_until": new.valid_until,
        "claim_window_until": new.claim_window_until,
    }
    row.valid_until, row.claim_window_until, row.extensions = new.valid_until, new.claim_window_until, row.extensions + 1
    made = {"voucher_id": row.id, "number": row.extensions, "extended_at": context.now, "actor": context.actor.id, "reason": reason}
    context.session.add(ExtensionRow.model_validate(made | dates))
    publish_voucher_event(context, row, VoucherExtended, reason, **dates, calendar_id=policy.calendar_id(context.now))
