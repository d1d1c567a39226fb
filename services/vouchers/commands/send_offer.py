"""The money is reserved: the beneficiary is offered the voucher."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.vouchers.commands.common import amount, enter, tell
from services.vouchers.domain.stages import Stage
from services.vouchers.domain.terms import answer_by
from services.vouchers.tables import VoucherRow
from shared.contracts.vouchers import VoucherOffered
from shared.messaging.cause import Cause
from shared.policy.schema import Policy


async def send_offer(session: AsyncSession, cause: Cause, row: VoucherRow, policy: Policy) -> None:
    """`row` is locked."""
    if row.state != Stage.REQUESTED:
        return
    enter(cause, row, Stage.OFFERED)
    row.offered_at, row.answer_by = cause.now, answer_by(policy, cause.now)
    facts = {"award_id": row.award_id, "organisation_id": row.organisation_id, "answer_by": row.answer_by}
    tell(session, cause, row, VoucherOffered, "funds-reserved", **facts, **amount(row))
