"""An officer plans a session of a call that gives no money: an hour with a mentor, a training, an event."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.vouchers.tables import CapacityRow, SessionRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound, Refused
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.policy.benefit import Unit
from shared.policy.schema import Policy


@dataclass(frozen=True, slots=True)
class Plan:
    """`mentor`: who leads it, by function. `host_organisation_id`: whose members record who was there; None: officers of the region."""

    title: str
    place: str
    mentor: str
    starts_at: datetime
    ends_at: datetime
    seats: int
    host_organisation_id: UUID | None = None


async def plan_session(context: Context, call_id: UUID, plan: Plan) -> SessionRow:
    """`NotFound` unknown-capacity; `Refused` session-in-the-past, session-ends-first, session-after-programme, session-not-in-steps."""
    capacity = await context.session.get(CapacityRow, call_id)
    if capacity is None:
        raise NotFound("unknown-capacity", "This call gives no places or hours.")
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=capacity.region)
    _check(plan, context.policies.get(capacity.policy_id), context.now)
    row = SessionRow(
        id=new_id(), call_id=call_id, region=capacity.region, policy_id=capacity.policy_id, title=plan.title, place=plan.place,
        mentor=plan.mentor, starts_at=plan.starts_at, ends_at=plan.ends_at, seats=plan.seats,
        host_organisation_id=plan.host_organisation_id, planned_by=context.actor.id, planned_at=context.now,
    )  # fmt: skip
    context.session.add(row)
    await context.session.flush()
    return row


def _check(plan: Plan, policy: Policy, now: datetime) -> None:
    benefit = policy.benefit
    assert benefit is not None, "a capacity is of a scheme that gives no money"
    if plan.starts_at <= now:
        raise Refused("session-in-the-past", "A session begins in the future.", field="starts_at")
    if plan.ends_at <= plan.starts_at:
        raise Refused("session-ends-first", "The session has to end after it begins.", field="ends_at")
    if plan.ends_at > policy.programme_end_at:
        raise Refused(
            "session-after-programme", "The programme ends on {programme_end}.", field="ends_at", programme_end=policy.programme_end
        )
    minutes = (plan.ends_at - plan.starts_at).total_seconds() // 60
    if benefit.unit is Unit.MINUTES and minutes > benefit.units_per_award:
        raise Refused(
            "session-too-long", "A voucher holds {most} minutes: no session can be longer.", field="ends_at", most=benefit.units_per_award
        )
