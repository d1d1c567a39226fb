"""An evaluator submits a score sheet; the last one that the policy asks for completes the evaluation of the case."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

from services.evaluation.domain.scoring import check_justifications, check_sheet, evaluate, needs_another, total_of
from services.evaluation.locks import check_open, lock_own_assignment
from services.evaluation.queries.seats import evaluation_rules, seats_needed
from services.evaluation.steps.assignment import assign_evaluators
from services.evaluation.steps.ranking import put_ranking_in_force_if_complete
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow, DraftRow
from shared.contracts.evaluation import EvaluationCompleted
from shared.identity.duties import Duty
from shared.kernel.vocabulary import AssignmentState
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def submit_scores(
    context: Context, assignment_id: UUID, *, scores: Mapping[str, int], justifications: Mapping[str, str], comment: str
) -> AssignmentRow:
    """The assignment with its sheet. Once, after a declaration without conflict; the same sheet again changes nothing. Its draft is gone.

    `Refused` names the criterion at fault; `Conflict` already-scored, not-declared or assignment-closed.
    """
    call, assignment = await lock_own_assignment(context, assignment_id)
    written = {name: text.strip() for name, text in justifications.items() if text.strip()}
    sheet = (assignment.scores, assignment.justifications or {}, assignment.comment or "")
    if assignment.state == AssignmentState.SCORED and sheet == (scores, written, comment):
        return assignment
    check_open(assignment.state)
    await take_part(context, Duty.SCORE, assignment.application_id, call_id=call.id)
    rules = evaluation_rules(context, call)
    check_sheet(scores, rules)
    check_justifications(written, rules)
    assignment.scores, assignment.total_points, assignment.comment = dict(scores), total_of(scores), comment or None
    assignment.justifications = written or None
    assignment.state, assignment.scored_at = AssignmentState.SCORED, context.now
    await context.session.flush()
    await context.session.execute(delete(DraftRow).where(col(DraftRow.assignment_id) == assignment.id))
    await _complete_case(context, call, await context.session.get_one(CaseRow, assignment.application_id))
    return assignment


async def _complete_case(context: Context, call: CallRow, case: CaseRow) -> None:
    """Completes the case when all sheets are submitted. On divergence a further evaluator is assigned instead."""
    rules = evaluation_rules(context, call)
    scored = (col(AssignmentRow.application_id) == case.application_id, col(AssignmentRow.state) == AssignmentState.SCORED)
    sheets = [row.scores or {} for row in await context.session.scalars(select(AssignmentRow).where(*scored))]
    if len(sheets) < seats_needed(case, rules):
        return
    if not case.divergent and needs_another([total_of(sheet) for sheet in sheets], rules):
        case.divergent = True
        await assign_evaluators(context, call, reason="divergence")
        return
    result = evaluate(sheets, rules)
    case.total_hundredths, case.criteria, case.failed_rules = result.total, result.criteria, list(result.failed)
    case.completed_at, case.score_sheets = context.now, len(sheets)
    case.results += 1
    event = EvaluationCompleted(
        application_id=case.application_id,
        call_id=call.id,
        region=call.region,
        total_hundredths=result.total,
        score_sheets=len(sheets),
        divergent=case.divergent,
        passed=not result.failed,
        number=case.results,
    )
    publish(context, event, reason="score-sheets-complete", policy_id=case.policy_id)
    await put_ranking_in_force_if_complete(context, call)
