"""AwardGranted: the award is registered, and only then there can be a voucher."""

from sqlalchemy import bindparam, exists, inspect, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.vouchers.deadlines.queries.calendars import read_published_call
from services.vouchers.domain.stages import Stage
from services.vouchers.tables import AwardRow, VoucherRow
from shared.contracts.binding import require_equal, require_same, require_terms, require_voucher_value
from shared.contracts.evaluation import AwardGranted
from shared.kernel.errors import Contradiction
from shared.kernel.ids import derive_id
from shared.messaging.context import Context

_STILL_OPEN = or_(col(VoucherRow.state).is_(None), col(VoucherRow.state) != Stage.CLOSED)
_ANOTHER = exists(
    select(col(AwardRow.id))
    .outerjoin(VoucherRow, col(VoucherRow.award_id) == col(AwardRow.id))
    .where(col(AwardRow.application_id) == bindparam("application_id"), _STILL_OPEN)
)
"""An earlier award of the application that has no voucher yet, or one that is not closed."""
_COLUMNS = {name: bindparam(name, type_=column.type) for name, column in inspect(AwardRow).columns.items()}
_NEW = (
    insert(AwardRow)
    .from_select(list(_COLUMNS), select(*_COLUMNS.values()).where(~_ANOTHER))
    .on_conflict_do_nothing(index_elements=["id"])
    .returning(col(AwardRow.id))
    .execution_options(dml_strategy="raw")
)
"""One statement, built once: each award runs it."""


async def register_award(context: Context, event: AwardGranted) -> None:
    """Once per award. `NotYet` when the call is not known.

    `Contradiction` when the award differs from its call, from the policy, or from what is registered under its id, and when the
    application has another award whose voucher is not closed. NotFound for an unknown policy.
    """
    call = await read_published_call(context, event)
    policy = context.policies.get(call.policy_id)
    require_same(event, policy)
    require_voucher_value(event, policy, event.amount_minor)
    require_terms(event, policy, event.amount_minor, event.terms)
    if event.award_id != derive_id(event.application_id, "award", event.grant_number):
        raise Contradiction(f"{event.type}: award_id is not that of grant {event.grant_number} of the application")
    new = {"id": event.award_id, "granted_at": context.happened_at, **event.model_dump(include=set(AwardRow.model_fields))}
    if await context.session.scalar(_NEW, new):
        return
    known = await context.session.get(AwardRow, event.award_id)
    if known is None:
        raise Contradiction(f"{event.type}: application {event.application_id} has another award that is not closed")
    require_same(event, known)
    require_equal(event, "amount_minor", event.amount_minor, known.amount_minor)
