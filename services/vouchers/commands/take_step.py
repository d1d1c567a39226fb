"""A step of a lifecycle: taken once, its result remembered for the repetition that follows a crash."""

from collections.abc import Awaitable, Callable

from sqlalchemy import and_, bindparam, select
from sqlmodel import col

from services.vouchers.commands.review_voucher import review_voucher
from services.vouchers.domain.review import review
from services.vouchers.domain.stages import Voucher, deadline_of
from services.vouchers.steps.reservation import request_reservation
from services.vouchers.steps.voucher import facts, unknown_voucher
from services.vouchers.tables import StepRow, VoucherRow
from services.vouchers.workflows.models import Position, Step
from shared.messaging.context import Context
from shared.policy.schema import Policy

Change = Callable[[Context, VoucherRow, Policy], Awaitable[None]]


_AT_STEP = (
    select(VoucherRow, col(StepRow.result))
    .outerjoin(StepRow, and_(col(StepRow.workflow_id) == bindparam("workflow_id"), col(StepRow.number) == bindparam("number")))
    .where(col(VoucherRow.id) == bindparam("voucher_id"))
    .with_for_update(of=VoucherRow)
    .execution_options(populate_existing=True)
)
"""The voucher under lock, and what the step returned if it was taken: one statement. Of the same step twice at once, the one that
waits for the lock does not see what the other has just kept: the step's key refuses it, and repeated it finds it."""


async def take_first_step(context: Context, workflow_id: str, step: Step) -> Position:
    """Makes the row that every other step needs. One that was there (a repetition, or a lifecycle that began anew) is only reviewed."""
    row = await request_reservation(context, step.award)
    if row is None:
        return await take_step(context.at_a_new_instant(), workflow_id, step, review_voucher)
    return await _take(context, workflow_id, step, review_voucher, row)


async def take_step(context: Context, workflow_id: str, step: Step, change: Change) -> Position:
    """Makes the change to the locked row, under the policy that the award was pinned to, and says where the voucher then stands.
    A step that was taken before changes nothing, and returns what it returned."""
    voucher_id = step.award.voucher_id
    found = (
        await context.session.execute(_AT_STEP, {"voucher_id": voucher_id, "workflow_id": workflow_id, "number": step.number})
    ).one_or_none()
    if found is None:
        raise unknown_voucher(voucher_id)
    row, kept = found
    if kept is not None:
        return Position.model_validate(kept)
    return await _take(context, workflow_id, step, change, row)


async def _take(context: Context, workflow_id: str, step: Step, change: Change, row: VoucherRow) -> Position:
    policy = context.policies.get(row.policy_id)
    await change(context, row, policy)
    position = position_of(context, facts(row), policy)
    context.session.add(StepRow(workflow_id=workflow_id, number=step.number, name=change.__name__, result=position.model_dump(mode="json")))
    return position


def position_of(context: Context, voucher: Voucher, policy: Policy) -> Position:
    return Position(
        stage=voucher.state,
        outcome=voucher.outcome,
        suspended=voucher.suspended_at is not None,
        overdue_since=voucher.overdue_since,
        until=deadline_of(voucher.state, voucher.answer_by, voucher.valid_until, voucher.claim_window_until),
        wake_at=review(voucher, policy, context.now).until,
    )
