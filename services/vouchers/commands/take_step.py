"""A step of a lifecycle: its effect and its result are written once, and a repetition after a crash returns the same result."""

from collections.abc import Awaitable, Callable

from sqlalchemy import and_, bindparam, select
from sqlmodel import col

from services.vouchers.domain.review import review
from services.vouchers.domain.stages import Voucher, end_of_stage
from services.vouchers.steps.reservation import request_reservation
from services.vouchers.steps.voucher import facts_of
from services.vouchers.tables import StepRow, VoucherRow
from services.vouchers.workflows.models import Position, Step
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.policy.schema import Policy

Change = Callable[[Context, VoucherRow, Policy], Awaitable[None]]
"""A command on a locked voucher, such as `send_offer`."""

_AT_STEP = (
    select(VoucherRow, col(StepRow.result))
    .outerjoin(StepRow, and_(col(StepRow.workflow_id) == bindparam("workflow_id"), col(StepRow.number) == bindparam("number")))
    .where(col(VoucherRow.id) == bindparam("voucher_id"))
    .with_for_update(of=VoucherRow)
    .execution_options(populate_existing=True)
)
"""The locked voucher, and the step's result if the step was taken, in one statement. When the same step runs twice at once, the one
that waits for the lock does not see the result that the other has just written: the step's key refuses it, and its retry finds it."""


async def take_step(context: Context, workflow_id: str, step: Step, change: Change) -> Position:
    """Makes the change to the locked row, by the policy that the award is pinned to. Returns the voucher's position after it.

    A step that was taken before changes nothing and returns its first result. `NotFound` unknown-voucher.
    """
    voucher_id = step.award.voucher_id
    found = (
        await context.session.execute(_AT_STEP, {"voucher_id": voucher_id, "workflow_id": workflow_id, "number": step.number})
    ).one_or_none()
    if found is None:
        raise NotFound("unknown-voucher", "There is no such voucher.", voucher_id=voucher_id)
    row, result = found
    if result is not None:
        return Position.model_validate(result)
    return await _take(context, workflow_id, step, change, row)


async def take_first_step(context: Context, workflow_id: str, step: Step, change: Change) -> Position:
    """Writes the row that every other step needs, then makes the change. When the row exists (a repetition, or a lifecycle that was
    restarted after a restore) it is `take_step`."""
    row = await request_reservation(context, step.award)
    if row is None:
        return await take_step(context.at_a_new_instant(), workflow_id, step, change)
    return await _take(context, workflow_id, step, change, row)


async def _take(context: Context, workflow_id: str, step: Step, change: Change, row: VoucherRow) -> Position:
    policy = context.policies.get(row.policy_id)
    await change(context, row, policy)
    position = _position_of(context, facts_of(row), policy)
    context.session.add(StepRow(workflow_id=workflow_id, number=step.number, name=change.__name__, result=position.model_dump(mode="json")))
    return position


def _position_of(context: Context, voucher: Voucher, policy: Policy) -> Position:
    return Position(
        stage=voucher.state,
        outcome=voucher.outcome,
        suspended=voucher.suspended_at is not None,
        overdue_since=voucher.overdue_since,
        until=end_of_stage(voucher.state, voucher.answer_by, voucher.valid_until, voucher.claim_window_until),
        wake_at=review(voucher, policy, context.now).until,
    )
