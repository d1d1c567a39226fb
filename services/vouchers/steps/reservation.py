"""The first step of a lifecycle: the voucher's row, and the request for its money."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, column, func, literal, select
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

_ASKED = (
    func.unnest(bindparam("ids", type_=ARRAY(Uuid)), bindparam("award_ids", type_=ARRAY(Uuid)))
    .table_valued(column("id", Uuid), column("award_id", Uuid))
    .render_derived("asked")
)
_OF_AWARD = {name: getattr(AwardRow, name) for name in AwardRow.model_fields if name not in ("id", "granted_at")} | {
    "id": _ASKED.c.id,
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
    .from_select(
        list(_OF_AWARD),
        select(*_OF_AWARD.values())
        .select_from(_ASKED.join(AwardRow, col(AwardRow.id) == _ASKED.c.award_id))
        .order_by(col(AwardRow.id)),  # two that write the same awards wait for each other, and not in a circle
    )
    .on_conflict_do_nothing(index_elements=["award_id"])
    .returning(VoucherRow)
)
"""Of the awards' rows, in one statement, built once."""


async def write_vouchers(context: Context, award_ids: Sequence[UUID]) -> list[VoucherRow]:
    """Writes the vouchers of registered awards, for each of which `request_money` follows in this transaction, in the order returned.
    Leaves out an award whose voucher exists already, where a repetition does nothing, and one that is not registered."""
    new = {"ids": [derive_id(award_id, "voucher") for award_id in award_ids], "award_ids": list(award_ids), "now": context.now}
    return sorted(await context.session.scalars(_NEW, new), key=lambda row: (row.call_id, row.id))


async def request_money(context: Context, row: VoucherRow) -> None:
    """Asks payments to reserve the amount of a new voucher; of a scheme that gives no money the capacity of the call is reserved here, and
    payments is asked about its aid."""
    policy = context.policies.get(row.policy_id)
    if policy.benefit is not None:
        await reserve_units(context, row, policy)
        return
    fields = {"award_id": row.award_id, "organisation_id": row.organisation_id, "policy_id": row.policy_id, "terms": row.terms}
    publish_voucher_event(context, row, FundsReservationRequested, "award-granted", **fields, **amount_of(row))


async def request_reservation(context: Context, award_id: UUID) -> VoucherRow | None:
    """The new voucher of one award, its money asked for; None when it was left out."""
    rows = await write_vouchers(context, [award_id])
    for row in rows:
        await request_money(context, row)
    return rows[0] if rows else None
