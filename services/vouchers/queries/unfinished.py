"""The awards that need a running workflow."""

from sqlalchemy import or_, select
from sqlmodel import col

from services.vouchers.domain.stages import Stage
from services.vouchers.tables import AwardRow, VoucherRow
from shared.messaging.context import Context


async def list_unfinished_awards(context: Context) -> list[AwardRow]:
    """Those whose voucher is not closed, or not written yet."""
    still_open = or_(col(VoucherRow.state).is_(None), col(VoucherRow.state) != Stage.CLOSED)
    query = select(AwardRow).outerjoin(VoucherRow, col(VoucherRow.award_id) == col(AwardRow.id)).where(still_open)
    return list(await context.session.scalars(query.order_by(col(AwardRow.id))))
