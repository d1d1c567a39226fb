"""The awards that need a running workflow."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import RowMapping, or_, select
from sqlmodel import col

from services.vouchers.domain.review import left_to_do
from services.vouchers.domain.stages import Stage, Voucher
from services.vouchers.tables import AwardRow, VoucherRow
from shared.kernel.errors import NotFound
from shared.messaging.context import Context

_FACTS = [col(getattr(VoucherRow, name)) for name in Voucher.model_fields]


class UnfinishedAward(NamedTuple):
    """`left_to_do`: what its lifecycle has to do now, in the same words until it is done; None while it waits."""

    id: UUID
    region: str
    left_to_do: str | None


async def list_unfinished_awards(context: Context) -> list[UnfinishedAward]:
    """Those whose voucher is not closed, or not written yet."""
    still_open = or_(col(VoucherRow.state).is_(None), col(VoucherRow.state) != Stage.CLOSED)
    query = select(col(AwardRow.id), col(AwardRow.region), col(VoucherRow.policy_id), *_FACTS).where(still_open)
    query = query.outerjoin(VoucherRow, col(VoucherRow.award_id) == col(AwardRow.id)).order_by(col(AwardRow.id))
    found = (await context.session.execute(query)).mappings()
    return [UnfinishedAward(row["id"], row["region"], _left_to_do(context, row)) for row in found]


def _left_to_do(context: Context, voucher: RowMapping) -> str | None:
    if voucher["state"] is None:
        return "no voucher"
    try:
        return left_to_do(Voucher.model_validate(dict(voucher)), context.policies.get(voucher["policy_id"]), context.now)
    except NotFound:  # the policy's file is gone: the workflow waits for it, too
        return None
