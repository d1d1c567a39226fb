"""An officer answers a question of an evaluator."""

from uuid import UUID

from services.evaluation.tables import QuestionRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, Forbidden
from shared.messaging.context import Context


async def answer_question(context: Context, question_id: UUID, *, answer: str) -> QuestionRow:
    """Once; the same answer again changes nothing. `Conflict` already-answered; `Forbidden` own-question."""
    row = await context.session.get_one(QuestionRow, question_id, with_for_update=True)
    authorise(context.actor, Permission.MANAGE_EVALUATORS, region=row.region)
    if row.asked_by == context.actor.id:
        raise Forbidden("own-question", "You asked this question. Another officer answers it.")
    if row.answered_at is not None:
        if row.answer == answer:
            return row
        raise Conflict("already-answered", "This question has been answered.")
    row.answer, row.answered_by, row.answered_at = answer, context.actor.id, context.now
    await context.session.flush()
    return row
