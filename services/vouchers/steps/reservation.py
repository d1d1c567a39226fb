"""The first step of a lifecycle: the voucher's row, and the request for its money."""

from sqlalchemy.dialects.postgresql import insert

from services.vouchers.domain.stages import Stage
from services.vouchers.steps.events import amount_of, publish_voucher_event
from services.vouchers.tables import VoucherRow
from services.vouchers.workflows.models import LifecycleInput
from shared.contracts.vouchers import FundsReservationRequested
from shared.messaging.context import Context


async def request_reservation(context: Context, award: LifecycleInput) -> VoucherRow | None:
    """Writes the voucher and asks payments to reserve its amount. None when the voucher exists already: a repetition does nothing."""
    values = award.model_dump(exclude={"clock", "voucher_id"})
    values |= {"id": award.voucher_id, "state": Stage.REQUESTED, "state_since": context.now, "created_at": context.now}
    values |= {"redeemed_minor": 0, "extensions": 0}
    new = insert(VoucherRow).values(values).on_conflict_do_nothing(index_elements=["id"])
    row: VoucherRow | None = await context.session.scalar(new.returning(VoucherRow))
    if row is None:
        return None
    fields = {"award_id": row.award_id, "organisation_id": row.organisation_id, "policy_id": row.policy_id}
    publish_voucher_event(context, row, FundsReservationRequested, "award-granted", **fields, **amount_of(row))
    return row
