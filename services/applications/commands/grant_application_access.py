"""EvaluatorAssigned: the evaluator may read the application as far as it does not tell who applies."""

from sqlalchemy.dialects.postgresql import insert

from services.applications.tables import ReaderRow
from shared.contracts.evaluation import EvaluatorAssigned
from shared.messaging.context import Context


async def grant_application_access(context: Context, event: EvaluatorAssigned) -> None:
    """Grants access, unless it is granted or revoked already: a declaration or a recusal may arrive before its assignment."""
    access = {"assignment_id": event.assignment_id, "application_id": event.application_id, "evaluator_id": event.evaluator_id}
    await context.session.execute(insert(ReaderRow).values(**access, recused=False, declared=False).on_conflict_do_nothing())
