"""A voucher is given up by its beneficiary (withdrawn) or taken away by the agency (revoked)."""

from uuid import UUID

from services.vouchers.domain.actions import may_stop, stage_after_stop
from services.vouchers.domain.stages import Outcome, Stage
from services.vouchers.steps.release import release_funds
from services.vouchers.steps.voucher import enter, facts, locked, tell
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import VoucherRevoked, VoucherWithdrawn
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context


async def withdraw_voucher(context: Context, voucher_id: UUID, reason: str) -> VoucherRow:
    row = await locked(context, voucher_id)
    authorise(context.actor, Permission.WITHDRAW, region=row.region, owner=row.organisation_id)
    return _stop(context, row, Outcome.WITHDRAWN, reason)


async def revoke_voucher(context: Context, voucher_id: UUID, reason: str) -> VoucherRow:
    """What was paid is recovered or written off by payments."""
    row = await locked(context, voucher_id)
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=row.region)
    return _stop(context, row, Outcome.REVOKED, reason)


def _stop(context: Context, row: VoucherRow, how: Outcome, reason: str) -> VoucherRow:
    if not may_stop(facts(row), how):
        return row
    tell(context, row, VoucherWithdrawn if how is Outcome.WITHDRAWN else VoucherRevoked, reason)
    if stage_after_stop(facts(row)) is Stage.RELEASING:
        release_funds(context, row, how)
    else:
        enter(context, row, Stage.SETTLING)
        row.outcome, row.suspended_at = how, None
    return row
