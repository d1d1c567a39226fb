"""AwardGranted: the award is registered, and only then there can be a voucher."""

from sqlalchemy import exists, or_, select
from sqlmodel import col

from services.vouchers.deadlines.queries.calendars import read_published_call
from services.vouchers.domain.stages import Stage
from services.vouchers.tables import AwardRow, VoucherRow
from shared.contracts.binding import require_equal, require_same, require_voucher_value
from shared.contracts.evaluation import AwardGranted
from shared.kernel.errors import Contradiction
from shared.kernel.ids import derive_id
from shared.messaging.context import Context


async def register_award(context: Context, event: AwardGranted) -> None:
    """Once per award. `NotYet` when the call is not known.

    `Contradiction` when the award differs from its call, from the policy, or from what is registered under its id, and when the
    application has another award whose voucher is not closed. NotFound for an unknown policy.
    """
    call = await read_published_call(context, event)
    policy = context.policies.get(call.policy_id)
    require_same(event, policy)
    require_voucher_value(event, policy, event.amount_minor)
    if event.award_id != derive_id(event.application_id, "award", event.grant_number):
        raise Contradiction(f"{event.type}: award_id is not that of grant {event.grant_number} of the application")
    known = await context.session.get(AwardRow, event.award_id)
    if known is not None:
        require_same(event, known)
        require_equal(event, "amount_minor", event.amount_minor, known.amount_minor)
        return
    if await _has_another(context, event):
        raise Contradiction(f"{event.type}: application {event.application_id} has another award that is not closed")
    fields = event.model_dump(include=set(AwardRow.model_fields))
    context.session.add(AwardRow(id=event.award_id, granted_at=context.happened_at, **fields))
    await context.session.flush()


async def _has_another(context: Context, event: AwardGranted) -> bool:
    """True when an earlier award of the application has no voucher yet, or one that is not closed."""
    voucher_of = col(VoucherRow.award_id) == col(AwardRow.id)
    still_open = or_(col(VoucherRow.state).is_(None), col(VoucherRow.state) != Stage.CLOSED)
    others = (
        select(col(AwardRow.id)).outerjoin(VoucherRow, voucher_of).where(col(AwardRow.application_id) == event.application_id, still_open)
    )
    return bool(await context.session.scalar(select(exists(others))))
