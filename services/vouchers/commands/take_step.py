"""A step of a lifecycle: its effect and its result are written once, and a repetition after a crash returns the same result."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import and_, bindparam, insert, select
from sqlmodel import col

from services.vouchers.domain.review import review
from services.vouchers.domain.stages import Voucher, end_of_stage
from services.vouchers.steps.reservation import request_reservation
from services.vouchers.steps.voucher import facts_of
from services.vouchers.tables import StepRow, VoucherRow
from services.vouchers.workflows.models import Position, SignalKind, Step
from shared.kernel.errors import NotYet
from shared.messaging.context import Context
from shared.policy.schema import Policy

Change = Callable[[Context, VoucherRow, Policy], Awaitable[None]]
"""A command on a locked voucher, such as `send_offer`."""


class Run(NamedTuple):
    """One run of a workflow. A reset, and a start after the end, make another run."""

    workflow_id: str
    run_id: str


_REPLIES: Mapping[SignalKind, str] = MappingProxyType(
    {
        SignalKind.RESERVED: "reserved_at",
        SignalKind.NOT_RESERVED: "refused_at",
        SignalKind.COMMITTED: "committed_at",
        SignalKind.RELEASED: "released_at",
        SignalKind.SETTLED: "settled_at",
    }
)
"""Reply of payments → the fact of the voucher that it has left."""

_AT_STEP = (
    select(VoucherRow, col(StepRow.result))
    .outerjoin(StepRow, and_(*(col(getattr(StepRow, name)) == bindparam(name) for name in ("workflow_id", "run_id", "number"))))
    .where(col(VoucherRow.award_id) == bindparam("award_id"))
    .with_for_update(of=VoucherRow)
    .execution_options(populate_existing=True)
)
"""The locked voucher, and the step's result if the step was taken, in one statement. When the same step runs twice at once, the one
that waits for the lock does not see the result that the other has just written: the step's key refuses it, and its retry finds it."""
_TAKEN = insert(StepRow).execution_options(dml_strategy="raw")
"""Without a row object: nobody reads it in this transaction."""


async def take_step(context: Context, run: Run, step: Step, change: Change) -> Position:
    """Makes the change to the locked row, by the policy that the award is pinned to. Returns the voucher's position after it.

    A step that was taken before changes nothing and returns its first result. Temporal runs a local activity again when a signal comes
    while the last one of a workflow runs, and calls that attempt 1 too: only the row of the step knows. `NotYet` when the award is not
    registered, or has no voucher.
    """
    found = (await context.session.execute(_AT_STEP, {"award_id": step.award_id, "number": step.number, **run._asdict()})).one_or_none()
    if found is None:
        raise NotYet(step.award_id, "the award is not registered, or has no voucher")
    row, result = found
    if result is not None:
        return Position.model_validate(result)
    return await _take(context, run, step, change, row)


async def take_first_step(context: Context, run: Run, step: Step, change: Change) -> Position:
    """Writes the row that every other step needs, then makes the change. When the row exists (a repetition, or a lifecycle that was
    restarted), or no such award is registered, it is `take_step`."""
    row = await request_reservation(context, step.award_id)
    if row is None:
        return await take_step(context.at_a_new_instant(), run, step, change)
    return await _take(context, run, step, change, row)


async def _take(context: Context, run: Run, step: Step, change: Change, row: VoucherRow) -> Position:
    policy = context.policies.get(row.policy_id)
    await change(context, row, policy)
    position = _position_of(context, facts_of(row), policy)
    taken = {"number": step.number, "name": change.__name__, "result": position.model_dump(mode="json"), **run._asdict()}
    await context.session.execute(_TAKEN, taken)
    return position


def _position_of(context: Context, voucher: Voucher, policy: Policy) -> Position:
    return Position(
        stage=voucher.state,
        outcome=voucher.outcome,
        replies=tuple(kind for kind, fact in _REPLIES.items() if getattr(voucher, fact) is not None),
        suspended=voucher.suspended_at is not None,
        overdue_since=voucher.overdue_since,
        until=end_of_stage(voucher.state, voucher.answer_by, voucher.valid_until, voucher.claim_window_until),
        wake_at=review(voucher, policy, context.now).until,
    )
