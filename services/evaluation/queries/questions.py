"""Questions of evaluators and their answers."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.queries.views import QuestionView
from services.evaluation.tables import QuestionRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context
from shared.privacy.sealed import is_erased
from shared.web.paging import Page, Paging, Sorting, page_of

QUESTIONS = Sorting({"asked_at": QuestionRow.asked_at}, unique=QuestionRow.id, default="asked_at")


async def question_page(
    context: Context, paging: Paging, *, region: str | None, call_id: UUID | None, answered: bool | None
) -> Page[QuestionView]:
    query = select(QuestionRow).where(in_scope(context.actor, Permission.READ_EVALUATION, region, QuestionRow))
    if call_id is not None:
        query = query.where(col(QuestionRow.call_id) == call_id)
    if answered is not None:
        query = query.where(col(QuestionRow.answered_at).is_not(None) if answered else col(QuestionRow.answered_at).is_(None))
    return await page_of(context.session, query, paging, question_view)


async def read_question(context: Context, question_id: UUID) -> QuestionView:
    row = await context.session.get_one(QuestionRow, question_id)
    authorise(context.actor, Permission.READ_EVALUATION, region=row.region)
    return question_view(row)


async def questions_of(context: Context, assignment_id: UUID) -> list[QuestionView]:
    """The oldest first."""
    query = select(QuestionRow).where(col(QuestionRow.assignment_id) == assignment_id).order_by(col(QuestionRow.asked_at))
    return [question_view(row) for row in await context.session.scalars(query)]


def question_view(row: QuestionRow) -> QuestionView:
    return QuestionView(**row.model_dump(include=set(QuestionView.model_fields) - {"erased"}), erased=is_erased(row))
