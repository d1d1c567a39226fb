"""Fills the open places of a ranking call: all at once after screening, later only what a recusal or a divergence opened."""

import hashlib
from collections import Counter, defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.assignment import Assigned, Case, Evaluator, assign
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow, EvaluatorRow
from shared.contracts.evaluation import EvaluatorAssigned
from shared.kernel.ids import derive_id
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.resolver import PolicyBook
from shared.policy.sections import Evaluation

ACTIVE_STATES = ("assigned", "declared", "scored")


async def assign_evaluators(context: Context, call: CallRow, *, reason: str) -> None:
    """What nobody may take stays open, and is tried again when an evaluator is registered. The caller holds the lock on the call.

    With fewer evaluators in the region than a case needs, nothing is assigned yet: the first ones registered would get everything.
    """
    if call.selection_method != "ranking" or call.complete_at is None:
        return
    await context.session.flush()
    evaluators = (await context.session.scalars(select(EvaluatorRow).where(col(EvaluatorRow.region) == call.region))).all()
    rules = rules_of(context.policies, call)
    if len(evaluators) < rules.evaluators_per_case:
        return
    cases = {case.application_id: case for case in await _unfinished(context, call)}
    held = await _assignments(context, call)
    load = Counter(row.evaluator_id for rows_of_case in held.values() for row in rows_of_case if row.state in ACTIVE_STATES)
    wanting = [_case(case, rules, held.get(case.application_id, [])) for case in cases.values()]
    seed = hashlib.sha256(b"assignment" + call.id.bytes).digest()
    due_at = context.policies.get(call.policy_id).deadline(rules.due, context.now)
    for each in assign(wanting, [_evaluator(row) for row in evaluators], load, seed):
        _add(context, call, each, due_at, reason)
    await context.session.flush()


def rules_of(book: PolicyBook, call: CallRow) -> Evaluation:
    rules = book.get(call.policy_id).evaluation
    assert rules is not None, "a policy that ranks has criteria"
    return rules


def seats_needed(case: CaseRow, rules: Evaluation) -> int:
    return rules.evaluators_per_case + case.divergent


async def _unfinished(context: Context, call: CallRow) -> list[CaseRow]:
    query = select(CaseRow).where(col(CaseRow.call_id) == call.id, col(CaseRow.completed_at).is_(None), col(CaseRow.withdrawn_at).is_(None))
    return list((await context.session.scalars(query)).all())


async def _assignments(context: Context, call: CallRow) -> dict[UUID, list[AssignmentRow]]:
    by_case: dict[UUID, list[AssignmentRow]] = defaultdict(list)
    for row in await context.session.scalars(select(AssignmentRow).where(col(AssignmentRow.call_id) == call.id)):
        by_case[row.application_id].append(row)
    return by_case


def _case(case: CaseRow, rules: Evaluation, rows: list[AssignmentRow]) -> Case:
    filled = {row.seat for row in rows if row.state in ACTIVE_STATES}
    return Case(
        case.application_id,
        case.region,
        case.language,
        frozenset(case.topics),
        frozenset(case.relations),
        tuple(place for place in range(1, seats_needed(case, rules) + 1) if place not in filled),
        frozenset(row.evaluator_id for row in rows),
    )


def _evaluator(row: EvaluatorRow) -> Evaluator:
    return Evaluator(row.id, row.region, frozenset(row.languages), frozenset(row.topics), relation_hashes(row))


def relation_hashes(row: EvaluatorRow) -> frozenset[str]:
    return frozenset(value for values in row.relations.values() for value in values)


def _add(context: Context, call: CallRow, each: Assigned, due_at: datetime, reason: str) -> None:
    row = AssignmentRow(
        id=derive_id(each.application_id, "assignment", each.evaluator_id),
        application_id=each.application_id,
        call_id=call.id,
        region=call.region,
        evaluator_id=each.evaluator_id,
        seat=each.seat,
        state="assigned",
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
