"""EvaluatorRecused: the evaluator may no longer read the application."""

from sqlalchemy.dialects.postgresql import insert

from services.applications.tables import ReaderRow
from shared.contracts.evaluation import EvaluatorRecused
from shared.messaging.context import Context


async def revoke_application_access(context: Context, event: EvaluatorRecused) -> None:
    """Revokes access permanently, also when the recusal arrives before its assignment."""
    access = {"assignment_id": event.assignment_id, "application_id": event.application_id, "evaluator_id": event.evaluator_id}
    write = insert(ReaderRow).values(**access, recused=True, declared=False)
    await context.session.execute(write.on_conflict_do_update(index_elements=["assignment_id"], set_={"recused": True}))
