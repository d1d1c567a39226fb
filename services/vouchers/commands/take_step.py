"""A step of a lifecycle: taken once, its result remembered for the repetition that follows a crash."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from services.vouchers.commands.common import facts, locked
from services.vouchers.domain.review import review
from services.vouchers.domain.stages import Voucher, deadline_of
from services.vouchers.tables import StepRow, VoucherRow
from services.vouchers.workflows.models import Position, Step
from shared.messaging.cause import Cause
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy

Change = Callable[[AsyncSession, Cause, VoucherRow, Policy], Awaitable[None]]


async def take_step(session: AsyncSession, cause: Cause, book: PolicyBook, workflow_id: str, step: Step, change: Change) -> Position:
    """Makes the change to the locked row, under the policy that the award was pinned to, and says where the voucher then stands."""
    row = await locked(session, step.award.voucher_id)
    kept = await session.get(StepRow, (workflow_id, step.number))
    if kept is not None:
        return Position.model_validate(kept.result)
    policy = book.get(row.policy_id)
    await change(session, cause, row, policy)
    position = position_of(facts(row), policy, cause)
    session.add(StepRow(workflow_id=workflow_id, number=step.number, name=change.__name__, result=position.model_dump(mode="json")))
    return position


def position_of(voucher: Voucher, policy: Policy, cause: Cause) -> Position:
    return Position(
        stage=voucher.state,
        outcome=voucher.outcome,
        suspended=voucher.suspended_at is not None,
        overdue_since=voucher.overdue_since,
        until=deadline_of(voucher.state, voucher.answer_by, voucher.valid_until, voucher.claims_until),
        wake_at=review(voucher, policy, cause.now).until,
    )
