"""The first step of a lifecycle: the voucher's row, and the request for its money."""

from sqlalchemy.dialects.postgresql import insert

from services.vouchers.domain.stages import Stage
from services.vouchers.steps.voucher import amount, tell
from services.vouchers.tables import VoucherRow
from services.vouchers.workflows.models import Award
from shared.contracts.vouchers import FundsReservationRequested
from shared.messaging.context import Context


async def request_reservation(context: Context, award: Award) -> VoucherRow | None:
    """Asks payments to hold the amount; once, whatever the repetitions: None when the voucher is there already."""
    values = award.model_dump(exclude={"clock", "voucher_id"})
    values |= {"id": award.voucher_id, "state": Stage.REQUESTED, "state_since": context.now, "created_at": context.now}
    values |= {"redeemed_minor": 0, "extensions": 0}
    fresh = insert(VoucherRow).values(values).on_conflict_do_nothing(index_elements=["id"])
    row: VoucherRow | None = await context.session.scalar(fresh.returning(VoucherRow))
    if row is None:
        return None
    whose = {"award_id": row.award_id, "organisation_id": row.organisation_id, "policy_id": row.policy_id}
    tell(context, row, FundsReservationRequested, "award-granted", **whose, **amount(row))
    return row
