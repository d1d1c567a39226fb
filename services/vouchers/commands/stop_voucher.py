"""A voucher is given up by its beneficiary (withdrawn) or taken away by the agency (revoked)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.vouchers.commands.common import enter, facts, locked, tell
from services.vouchers.commands.release_funds import release_funds
from services.vouchers.domain.actions import may_stop, stage_after_stop
from services.vouchers.domain.stages import Outcome, Stage
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import VoucherRevoked, VoucherWithdrawn
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.messaging.cause import Cause


async def withdraw_voucher(session: AsyncSession, cause: Cause, actor: Actor, voucher_id: UUID, reason: str) -> VoucherRow:
    row = await locked(session, voucher_id)
    authorise(actor, Permission.WITHDRAW, region=row.region, owner=row.organisation_id)
    return _stop(session, cause, row, Outcome.WITHDRAWN, reason)


async def revoke_voucher(session: AsyncSession, cause: Cause, actor: Actor, voucher_id: UUID, reason: str) -> VoucherRow:
    """What was paid is recovered or written off by payments."""
    row = await locked(session, voucher_id)
    authorise(actor, Permission.MANAGE_VOUCHER, region=row.region)
    return _stop(session, cause, row, Outcome.REVOKED, reason)


def _stop(session: AsyncSession, cause: Cause, row: VoucherRow, how: Outcome, reason: str) -> VoucherRow:
    if not may_stop(facts(row), how):
        return row
    tell(session, cause, row, VoucherWithdrawn if how is Outcome.WITHDRAWN else VoucherRevoked, reason)
    if stage_after_stop(facts(row)) is Stage.RELEASING:
        release_funds(session, cause, row, how)
    else:
        enter(cause, row, Stage.SETTLING)
        row.outcome, row.suspended_at = how, None
    return row
