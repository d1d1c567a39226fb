"""Sets a submitted score sheet aside: it is kept as it was, counts no more, and takes the result of the case with it."""

from services.evaluation.domain.states import SetAside
from services.evaluation.tables import AssignmentRow, CaseRow, DraftRow, SetAsideSheetRow
from shared.kernel.vocabulary import AssignmentState
from shared.messaging.context import Context


async def set_sheet_aside(
    context: Context, assignment: AssignmentRow, case: CaseRow, state: AssignmentState, why: SetAside, reason: str | None
) -> None:
    """The assignment goes on in `state`; where the evaluator goes on, with a draft of the same content.
    The caller holds the lock on the call, and looks after the seat."""
    assert assignment.scores is not None, "only a submitted sheet is set aside"
    assert assignment.total_points is not None
    assert assignment.scored_at is not None
    assignment.sheets_set_aside += 1
    row = SetAsideSheetRow(
        assignment_id=assignment.id,
        number=assignment.sheets_set_aside,
        application_id=assignment.application_id,
        region=assignment.region,
        organisation_id=assignment.organisation_id,
        evaluator_id=assignment.evaluator_id,
        seat=assignment.seat,
        scores=assignment.scores,
        total_points=assignment.total_points,
        justifications=assignment.justifications,
        comment=assignment.comment,
        scored_at=assignment.scored_at,
        set_aside_for=why,
        set_aside_by=context.actor.id,
        set_aside_at=context.now,
        reason=reason,
    )
    context.session.add(row)
    if state == AssignmentState.DECLARED:
        content = {"scores": row.scores, "justifications": dict(row.justifications or {}), "comment": row.comment or ""}
        draft = DraftRow(
            assignment_id=assignment.id,
            region=row.region,
            organisation_id=row.organisation_id,
            version=1,
            content=content,
            saved_at=context.now,
        )
        context.session.add(draft)
    assignment.state = state
    assignment.scores = assignment.total_points = assignment.scored_at = assignment.justifications = assignment.comment = None
    case.completed_at = case.total_hundredths = case.criteria = case.failed_rules = None
    case.score_sheets = 0
    await context.session.flush()
