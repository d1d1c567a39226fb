"""Fills the open seats of a ranking call: all at once after screening, later only those that a recusal or a divergence opened."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.assignment import CaseToAssign, SeatAssignment, assign
from services.evaluation.domain.states import ACTIVE
from services.evaluation.queries.candidates import evaluator_of
from services.evaluation.queries.conflicts import tied_evaluators
from services.evaluation.queries.seats import evaluation_rules, open_seats
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow, EvaluatorRow
from shared.contracts.evaluation import EvaluatorAssigned
from shared.identity.duties import Duty
from shared.kernel.ids import derive_id, evaluator_subject
from shared.kernel.vocabulary import AssignmentState, SelectionMethod
from shared.messaging.acts import persons_closed_to, subjects_of
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.sections import Evaluation


async def assign_evaluators(context: Context, call: CallRow, *, reason: str) -> None:
    """A seat that no evaluator may take stays open until another evaluator is registered. The caller holds the lock on the call.

    With fewer evaluators in the region than a case needs, nothing is assigned yet: the first ones registered would get every case.
    """
    if call.selection_method != SelectionMethod.RANKING or call.complete_at is None:
        return
    await context.session.flush()
    evaluators = await _evaluators(context, call)
    rules = evaluation_rules(context, call)
    if len(evaluators) < rules.evaluators_per_case:
        return
    held = await _assignments_by_case(context, call)
    load = Counter(row.evaluator_id for rows in held.values() for row in rows if row.state in ACTIVE)
    unfinished = {case.application_id: case for case in await _unfinished_cases(context, call)}
    cases = [_case_to_assign(case, rules, held.get(case.application_id, [])) for case in unfinished.values()]
    seed = hashlib.sha256(b"assignment" + call.id.bytes).digest()
    due_at = context.policies.get(call.policy_id).deadline(rules.due, context.now)
    for assignment in assign(cases, [evaluator_of(row) for row in evaluators], load, seed):
        _add(context, call, unfinished[assignment.application_id], assignment, due_at, reason)
    await context.session.flush()


async def place_evaluator(context: Context, call: CallRow, case: CaseRow, seat: int, evaluator_id: str, *, reason: str) -> None:
    """Gives a seat that is free to an evaluator who may take it. The caller holds the lock on the call."""
    due_at = context.policies.get(call.policy_id).deadline(evaluation_rules(context, call).due, context.now)
    _add(context, call, case, SeatAssignment(case.application_id, seat, evaluator_id), due_at, reason)
    await context.session.flush()


async def _evaluators(context: Context, call: CallRow) -> list[EvaluatorRow]:
    """Those of the region who may score in the call: nobody tied to one of its applicants, and nobody whom a person registered, or changed,
    who also chose the call's cases by screening."""
    chosen = await subjects_of(context, Duty.REGISTER_EVALUATOR, await persons_closed_to(context, Duty.REGISTER_EVALUATOR, call.id))
    of_region = (await context.session.scalars(select(EvaluatorRow).where(col(EvaluatorRow.region) == call.region))).all()
    closed = await tied_evaluators(context, call, of_region)
    return [row for row in of_region if row.id not in closed and evaluator_subject(row.region, row.id) not in chosen]


async def _assignments_by_case(context: Context, call: CallRow) -> dict[UUID, list[AssignmentRow]]:
    by_case: dict[UUID, list[AssignmentRow]] = defaultdict(list)
    for row in await context.session.scalars(select(AssignmentRow).where(col(AssignmentRow.call_id) == call.id)):
        by_case[row.application_id].append(row)
    return by_case


async def _unfinished_cases(context: Context, call: CallRow) -> Sequence[CaseRow]:
    query = select(CaseRow).where(col(CaseRow.call_id) == call.id, col(CaseRow.completed_at).is_(None), col(CaseRow.withdrawn_at).is_(None))
    return (await context.session.scalars(query)).all()


def _case_to_assign(case: CaseRow, rules: Evaluation, rows: list[AssignmentRow]) -> CaseToAssign:
    return CaseToAssign(
        case.application_id,
        case.region,
        case.language,
        frozenset(case.topics),
        frozenset(case.relations),
        open_seats(case, rules, rows),
        frozenset(row.evaluator_id for row in rows),
    )


def _add(context: Context, call: CallRow, case: CaseRow, assignment: SeatAssignment, due_at: datetime, reason: str) -> None:
    row = AssignmentRow(
        id=derive_id(assignment.application_id, "assignment", assignment.evaluator_id),
        application_id=assignment.application_id,
        call_id=call.id,
        region=call.region,
        organisation_id=case.organisation_id,
        evaluator_id=assignment.evaluator_id,
        seat=assignment.seat,
        state=AssignmentState.ASSIGNED,
        assigned_at=context.now,
        due_at=due_at,
    )
    context.session.add(row)
    event = EvaluatorAssigned(
        application_id=row.application_id,
        call_id=call.id,
        region=call.region,
        assignment_id=row.id,
        evaluator_id=row.evaluator_id,
        seat=row.seat,
        due_at=due_at,
    )
    publish(context, event, reason=reason, policy_id=call.policy_id)
