"""By when the vouchers of a call are to be accepted, redeemed and claimed, and how many stand at each."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlmodel import col

from services.vouchers.deadlines.tables import CallRow
from services.vouchers.domain.stages import Stage
from services.vouchers.tables import VoucherRow
from shared.calendars.time_limit import TimeLimit
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.policy.schema import Policy

Kind = Literal["accept", "redeem", "claim"]
_STANDS = {
    "accept": (Stage.OFFERED, VoucherRow.answer_by),
    "redeem": (Stage.ISSUED, VoucherRow.valid_until),
    "claim": (Stage.CLAIMING, VoucherRow.claim_window_until),
}
"""Milestone → the stage of a voucher that has it before it, and the instant."""


class VoucherMilestoneView(BaseModel):
    """`within`: as the rules of the call say. `vouchers`: how many have it before them, `first_at` and `last_at`: by when the first and the
    last of them have to reach it, null where there are none."""

    kind: Kind
    within: TimeLimit
    vouchers: int
    first_at: datetime | None
    last_at: datetime | None


class VoucherMilestonesView(BaseModel):
    """In the order of a voucher's way. Nothing is valid, claimed or paid after `programme_end`."""

    call_id: UUID
    region: str
    programme_end: date
    milestones: list[VoucherMilestoneView]


async def read_voucher_milestones(context: Context, call_id: UUID) -> VoucherMilestonesView:
    """`NotFound` unknown-call."""
    call = await context.session.get(CallRow, call_id)
    if call is None:
        raise NotFound("unknown-call", "There is no such call.")
    authorise(context.actor, Permission.MANAGE_VOUCHER, region=call.region)
    policy = context.policies.get(call.policy_id)
    found = [await _milestone(context, call_id, kind, within) for kind, within in _limits(policy).items()]
    return VoucherMilestonesView(call_id=call.id, region=call.region, programme_end=policy.programme_end, milestones=found)


def _limits(policy: Policy) -> dict[Kind, TimeLimit]:
    return {"accept": policy.offer.accept_within, "redeem": policy.validity, "claim": policy.claims.claim_window}


async def _milestone(context: Context, call_id: UUID, kind: Kind, within: TimeLimit) -> VoucherMilestoneView:
    stage, instant = _STANDS[kind]
    counted: Any = select(func.count(), func.min(instant), func.max(instant)).where(
        col(VoucherRow.call_id) == call_id, col(VoucherRow.state) == stage
    )
    number, first_at, last_at = (await context.session.execute(counted)).one()
    return VoucherMilestoneView(kind=kind, within=within, vouchers=number, first_at=first_at, last_at=last_at)
