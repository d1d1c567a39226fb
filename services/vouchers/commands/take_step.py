"""A step of a lifecycle: its effect and its result are written once, and a repetition after a crash returns the same result."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Integer, String, Uuid, and_, bindparam, column, func, insert, select
from sqlmodel import col

from services.vouchers.domain.review import review
from services.vouchers.domain.stages import Voucher, end_of_stage
from services.vouchers.steps.reservation import request_money, request_reservation, write_vouchers
from services.vouchers.steps.voucher import facts_of
from services.vouchers.tables import StepRow, VoucherRow
from services.vouchers.workflows.models import Position, SignalKind, Step
from shared.database.base import table_of
from shared.kernel.errors import NotYet
from shared.messaging.context import Context
from shared.messaging.unwritten import write_later
from shared.policy.schema import Policy

Change = Callable[[Context, VoucherRow, Policy], Awaitable[None]]
"""A command on a locked voucher, such as `send_offer`."""


class Run(NamedTuple):
    """One run of a workflow. A reset, and a start after the end, make another run."""

    workflow_id: str
    run_id: str


class ToTake(NamedTuple):
    """A step to take. `is_first`: it writes the voucher's row, if there is none. `within`: the context of who asked, for the trace of what
    the step publishes."""

    run: Run
    step: Step
    change: Change
    is_first: bool = False
    within: contextvars.Context | None = None


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

_TYPES = {"award_id": Uuid, "workflow_id": String, "run_id": String, "number": Integer}
_ASKED = (
    func.unnest(*(bindparam(name, type_=ARRAY(kind)) for name, kind in _TYPES.items()))
    .table_valued(*(column(name, kind) for name, kind in _TYPES.items()))
    .render_derived("asked")
)
_AT_STEPS = (
    select(VoucherRow, col(StepRow.result))
    .select_from(_ASKED)
    .join(VoucherRow, col(VoucherRow.award_id) == _ASKED.c.award_id)
    .outerjoin(StepRow, and_(*(col(getattr(StepRow, name)) == _ASKED.c[name] for name in ("workflow_id", "run_id", "number"))))
    .execution_options(populate_existing=True)
)
_AT_STEP, _AT_FREE_STEPS = (_AT_STEPS.with_for_update(of=VoucherRow, skip_locked=skips) for skips in (False, True))
"""The locked voucher, and the step's result if the step was taken, in one statement. When the same step runs twice at once, the one
that waits for the lock does not see the result that the other has just written: the step's key refuses it, and its retry finds it."""
_TAKEN = insert(table_of(StepRow))
"""Nobody reads it in this transaction."""


async def take_step(context: Context, run: Run, step: Step, change: Change) -> Position:
    """Makes the change to the locked row, by the policy that the award is pinned to. Returns the voucher's position after it.

    A step that was taken before changes nothing and returns its first result. Temporal runs a local activity again when a signal comes
    while the last one of a workflow runs, and calls that attempt 1 too: only the row of the step knows. `NotYet` when the award is not
    registered, or has no voucher.
    """
    found = (await context.session.execute(_AT_STEP, _values([ToTake(run, step, change)]))).one_or_none()
    if found is None:
        raise NotYet(step.award_id, "the award is not registered, or has no voucher")
    row, result = found
    if result is not None:
        return Position.model_validate(result)
    return await _take(context, ToTake(run, step, change), row)


async def take_first_step(context: Context, run: Run, step: Step, change: Change) -> Position:
    """Writes the row that every other step needs, then makes the change. When the row exists (a repetition, or a lifecycle that was
    restarted), or no such award is registered, it is `take_step`."""
    row = await request_reservation(context, step.award_id)
    if row is None:
        return await take_step(context.at_a_new_instant(), run, step, change)
    return await _take(context, ToTake(run, step, change), row)


async def take_free_steps(context: Context, asked: Sequence[ToTake]) -> list[Position | None]:
    """As `take_first_step` and `take_step`, for steps of different awards, in the transaction of the context. It waits for no voucher that
    another transaction has locked: steps that are taken together and events that an inbox takes together would wait for each other.
    None for such a step, for one that has no row, and for one of a voucher without money, whose change locks other rows too: it is taken by
    itself.
    """
    steps = {one.step.award_id: one for one in asked}
    first = [one.step.award_id for one in asked if one.is_first]
    new = {row.award_id: row for row in await write_vouchers(context, first)} if first else {}
    ready: list[VoucherRow] = list(new.values())
    positions: dict[UUID, Position] = {}
    if others := [one for one in asked if one.step.award_id not in new]:
        for row, result in await context.session.execute(_AT_FREE_STEPS, _values(others)):
            if result is not None:
                positions[row.award_id] = Position.model_validate(result)
            elif context.policies.get(row.policy_id).benefit is None:
                ready.append(row)
    for row in ready:
        one = steps[row.award_id]
        taking = (_take_new if row.award_id in new else _take)(context.at_a_new_instant(), one, row)
        positions[row.award_id] = await (asyncio.create_task(taking, context=one.within) if one.within else taking)
    return [positions.get(one.step.award_id) for one in asked]


async def _take_new(context: Context, asked: ToTake, row: VoucherRow) -> Position:
    await request_money(context, row)
    return await _take(context, asked, row)


async def _take(context: Context, asked: ToTake, row: VoucherRow) -> Position:
    policy = context.policies.get(row.policy_id)
    await asked.change(context, row, policy)
    position = _position_of(context, facts_of(row), policy)
    taken = {"number": asked.step.number, "name": asked.change.__name__, "result": position.model_dump(mode="json"), **asked.run._asdict()}
    write_later(context.session, _TAKEN, taken)
    return position


def _values(asked: Sequence[ToTake]) -> dict[str, list[Any]]:
    values = [{"award_id": one.step.award_id, "number": one.step.number, **one.run._asdict()} for one in asked]
    return {name: [value[name] for value in values] for name in _TYPES}


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
