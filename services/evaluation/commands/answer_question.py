"""An officer answers a question of an evaluator."""

from uuid import UUID

from services.evaluation.locks import lock_call
from services.evaluation.tables import QuestionRow
from shared.contracts.evaluation import QuestionAnswered
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, Forbidden
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def answer_question(context: Context, question_id: UUID, *, answer: str) -> QuestionRow:
    """Once; the same answer again changes nothing. `Conflict` already-answered; `Forbidden` own-question."""
    row = await context.session.get_one(QuestionRow, question_id)
    authorise(context.actor, Permission.MANAGE_EVALUATORS, region=row.region)
    call = await lock_call(context, row.call_id)
    await context.session.refresh(row)
    if row.asked_by == context.actor.id:
        raise Forbidden("own-question", "You asked this question. Another officer answers it.")
    if row.answered_at is not None:
        if row.answer == answer:
            return row
        raise Conflict("already-answered", "This question has been answered.")
    row.answer, row.answered_by, row.answered_at = answer, context.actor.id, context.now
    event = QuestionAnswered(
        application_id=row.application_id, call_id=row.call_id, region=row.region, question_id=row.id, assignment_id=row.assignment_id,
        evaluator_id=row.asked_by,
    )  # fmt: skip
    publish(context, event, reason="answered", policy_id=call.policy_id)
    await context.session.flush()
    return row
