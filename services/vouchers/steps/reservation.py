"""The first step of a lifecycle: the voucher's row, and the request for its money."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.vouchers.domain.stages import Stage
from services.vouchers.steps.capacity import reserve_units
from services.vouchers.steps.events import amount_of, publish_voucher_event
from services.vouchers.tables import AwardRow, VoucherRow
from shared.contracts.vouchers import FundsReservationRequested
from shared.database.base import INSTANT
from shared.kernel.ids import derive_id
from shared.messaging.context import Context

_OF_AWARD = {name: getattr(AwardRow, name) for name in AwardRow.model_fields if name not in ("id", "granted_at")} | {
    "id": bindparam("id", type_=Uuid),
    "award_id": AwardRow.id,
    "state": literal(Stage.REQUESTED.value),
    "state_since": bindparam("now", type_=INSTANT),
    "created_at": bindparam("now", type_=INSTANT),
    "value_minor": AwardRow.amount_minor,
    "drawn_minor": AwardRow.amount_minor,
    "redeemed_minor": literal(0),
    "extensions": literal(0),
}
_NEW = select(VoucherRow).from_statement(
    insert(VoucherRow)
    .from_select(list(_OF_AWARD), select(*_OF_AWARD.values()).where(col(AwardRow.id) == bindparam("award_id")))
    .on_conflict_do_nothing(index_elements=["award_id"])
    .returning(VoucherRow)
)
"""Of the award's row, in one statement, built once."""


async def request_reservation(context: Context, award_id: UUID) -> VoucherRow | None:
    """Writes the voucher of a registered award and asks payments to reserve its amount; of a scheme that gives no money the
    capacity of the call is reserved here, and payments is asked about its aid. None when the voucher exists already, where a
    repetition does nothing, and when no such award is registered."""
    new = {"id": derive_id(award_id, "voucher"), "award_id": award_id, "now": context.now}
    row: VoucherRow | None = await context.session.scalar(_NEW, new)
    if row is None:
        return None
    policy = context.policies.get(row.policy_id)
    if policy.benefit is not None:
        await reserve_units(context, row, policy)
        return row
    fields = {"award_id": row.award_id, "organisation_id": row.organisation_id, "policy_id": row.policy_id, "terms": row.terms}
    publish_voucher_event(context, row, FundsReservationRequested, "award-granted", **fields, **amount_of(row))
    return row
