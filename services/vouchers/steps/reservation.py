"""The first step of a lifecycle: the voucher's row, and the request for its money."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.vouchers.domain.stages import Stage
from services.vouchers.steps.events import amount_of, publish_voucher_event
from services.vouchers.tables import AwardRow, VoucherRow
from shared.contracts.vouchers import FundsReservationRequested
from shared.kernel.errors import NotYet
from shared.kernel.ids import derive_id
from shared.messaging.context import Context


async def request_reservation(context: Context, award_id: UUID) -> VoucherRow | None:
    """Writes the voucher of a registered award and asks payments to reserve its amount. None when the voucher exists already: a
    repetition does nothing. `NotYet` when no such award is registered."""
    award = await context.session.get(AwardRow, award_id)
    if award is None:
        raise NotYet(award_id, "no such award is registered")
    values = award.model_dump(exclude={"id", "granted_at"}) | {"id": derive_id(award_id, "voucher"), "award_id": award_id}
    values |= {"state": Stage.REQUESTED, "state_since": context.now, "created_at": context.now, "redeemed_minor": 0, "extensions": 0}
    new = insert(VoucherRow).values(values).on_conflict_do_nothing(index_elements=["award_id"])
    row: VoucherRow | None = await context.session.scalar(new.returning(VoucherRow))
    if row is None:
        return None
    fields = {"award_id": row.award_id, "organisation_id": row.organisation_id, "policy_id": row.policy_id}
    publish_voucher_event(context, row, FundsReservationRequested, "award-granted", **fields, **amount_of(row))
    return row
