"""The awards that need a running workflow."""

from sqlalchemy import or_, select
from sqlmodel import col

from services.vouchers.domain.review import left_to_do
from services.vouchers.domain.stages import Stage, Voucher
from services.vouchers.tables import AwardRow, VoucherRow
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


async def list_unfinished_awards(context: Context) -> list[tuple[AwardRow, str | None]]:
    """Those whose voucher is not closed, or not written yet; with what each has left to do now, in the same words until it is done."""
    still_open = or_(col(VoucherRow.state).is_(None), col(VoucherRow.state) != Stage.CLOSED)
    query = select(AwardRow, VoucherRow).outerjoin(VoucherRow, col(VoucherRow.award_id) == col(AwardRow.id)).where(still_open)
    found = await context.session.execute(query.order_by(col(AwardRow.id)))
    return [(award, _left_to_do(context, voucher)) for award, voucher in found]


def _left_to_do(context: Context, row: VoucherRow | None) -> str | None:
    if row is None:
        return "no voucher"
    try:
        return left_to_do(Voucher.model_validate(row), context.policies.get(row.policy_id), context.now)
    except NotFound:  # the policy's file is gone: the workflow waits for it, too
        return None
