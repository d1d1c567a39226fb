"""An evaluator asks the officers about an application."""

from uuid import UUID

from services.evaluation.locks import check_open, own_assignment
from services.evaluation.tables import QuestionRow
from shared.kernel.ids import new_id
from shared.messaging.context import Context


async def ask_question(context: Context, assignment_id: UUID, *, question: str) -> QuestionRow:
    """Between the declaration and the submission of the sheet. `Conflict` as `check_open`."""
    assignment = await own_assignment(context, assignment_id, lock=True)
    check_open(assignment.state)
    row = QuestionRow(
        id=new_id(),
        assignment_id=assignment.id,
        application_id=assignment.application_id,
        call_id=assignment.call_id,
        region=assignment.region,
        organisation_id=assignment.organisation_id,
        asked_by=context.actor.id,
        asked_at=context.now,
        question=question,
    )
    context.session.add(row)
    await context.session.flush()
    return row
