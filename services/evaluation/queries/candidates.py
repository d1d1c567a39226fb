"""The evaluators of a region as candidates for a seat of a case, with the rules that exclude them and their load."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.domain.assignment import CaseToAssign, Evaluator
from services.evaluation.domain.candidates import candidates
from services.evaluation.domain.states import ACTIVE
from services.evaluation.queries.conflicts import tied_evaluators
from services.evaluation.queries.evaluators import relation_hashes
from services.evaluation.queries.views import CandidateView
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow, EvaluatorRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.ids import evaluator_subject
from shared.messaging.acts import persons_closed_to, subjects_of
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class CaseWithEvaluators:
    """`closed`: the evaluators who may not score in the call because of another step that they, or who registered them, took; `tied`: those
    who are tied to an applicant of the call."""

    case: CaseToAssign
    evaluators: list[Evaluator]
    closed: frozenset[str]
    tied: frozenset[str]


async def case_with_evaluators(context: Context, case: CaseRow) -> CaseWithEvaluators:
    rows = (await context.session.scalars(select(EvaluatorRow).where(col(EvaluatorRow.region) == case.region))).all()
    persons = await persons_closed_to(context, Duty.SCORE, case.call_id)
    chosen = await subjects_of(context, Duty.REGISTER_EVALUATOR, await persons_closed_to(context, Duty.REGISTER_EVALUATOR, case.call_id))
    held = select(col(AssignmentRow.evaluator_id)).where(col(AssignmentRow.application_id) == case.application_id)
    to_assign = CaseToAssign(
        case.application_id,
        case.region,
        case.language,
        frozenset(case.topics),
        frozenset(case.relations),
        open_seats=(),
        barred=frozenset((await context.session.scalars(held)).all()),
    )
    closed = frozenset(row.id for row in rows if row.id in persons or evaluator_subject(row.region, row.id) in chosen)
    tied = await tied_evaluators(context, await context.session.get_one(CallRow, case.call_id), rows)
    return CaseWithEvaluators(to_assign, [evaluator_of(row) for row in rows], closed, tied - persons)


async def read_candidates(context: Context, application_id: UUID) -> list[CandidateView]:
    """The best one first."""
    case = await context.session.get_one(CaseRow, application_id)
    authorise(context.actor, Permission.MANAGE_EVALUATORS, region=case.region)
    found = await case_with_evaluators(context, case)
    query = select(col(AssignmentRow.evaluator_id)).where(col(AssignmentRow.call_id) == case.call_id, col(AssignmentRow.state).in_(ACTIVE))
    load = Counter((await context.session.scalars(query)).all())
    return [
        CandidateView(evaluator_id=each.evaluator_id, load=each.load, topics=list(each.topics), barred_by=list(each.barred_by))
        for each in candidates(found.case, found.evaluators, load, found.closed, found.tied)
    ]


def evaluator_of(row: EvaluatorRow) -> Evaluator:
    return Evaluator(row.id, row.region, frozenset(row.languages), frozenset(row.topics), relation_hashes(row))
