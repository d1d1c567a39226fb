"""A step of a lifecycle: taken once, its result remembered for the repetition that follows a crash."""

from collections.abc import Awaitable, Callable

from sqlalchemy import and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.vouchers.commands.common import facts, unknown_voucher
from services.vouchers.commands.request_reservation import request_reservation
from services.vouchers.commands.review_voucher import review_voucher
from services.vouchers.domain.review import review
from services.vouchers.domain.stages import Voucher, deadline_of
from services.vouchers.tables import StepRow, VoucherRow
from services.vouchers.workflows.models import Position, Step
from shared.messaging.cause import Cause
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy

Change = Callable[[AsyncSession, Cause, VoucherRow, Policy], Awaitable[None]]


_AT_STEP = (
    select(VoucherRow, col(StepRow.result))
    .outerjoin(StepRow, and_(col(StepRow.workflow_id) == bindparam("workflow_id"), col(StepRow.number) == bindparam("number")))
    .where(col(VoucherRow.id) == bindparam("voucher_id"))
    .with_for_update(of=VoucherRow)
    .execution_options(populate_existing=True)
)
"""The voucher under lock, and what the step returned if it was taken: one statement. Of the same step twice at once, the one that
waits for the lock does not see what the other has just kept: the step's key refuses it, and repeated it finds it."""


async def take_first_step(session: AsyncSession, cause: Cause, book: PolicyBook, workflow_id: str, step: Step) -> Position:
    """Makes the row that every other step needs. One that was there (a repetition, or a lifecycle that began anew) is only reviewed."""
    row = await request_reservation(session, cause, step.award)
    if row is None:
        return await take_step(session, cause.afresh(), book, workflow_id, step, review_voucher)
    return await _take(session, cause, book, workflow_id, step, review_voucher, row)


async def take_step(session: AsyncSession, cause: Cause, book: PolicyBook, workflow_id: str, step: Step, change: Change) -> Position:
    """Makes the change to the locked row, under the policy that the award was pinned to, and says where the voucher then stands.
    A step that was taken before changes nothing, and returns what it returned."""
    voucher_id = step.award.voucher_id
    found = (await session.execute(_AT_STEP, {"voucher_id": voucher_id, "workflow_id": workflow_id, "number": step.number})).one_or_none()
    if found is None:
        raise unknown_voucher(voucher_id)
    row, kept = found
    if kept is not None:
        return Position.model_validate(kept)
    return await _take(session, cause, book, workflow_id, step, change, row)


async def _take(
    session: AsyncSession, cause: Cause, book: PolicyBook, workflow_id: str, step: Step, change: Change, row: VoucherRow
) -> Position:
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
