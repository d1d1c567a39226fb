"""EvaluatorDeclared: the evaluator may read the whole application, unless the policy keeps evaluators from knowing who applies."""

from sqlalchemy.dialects.postgresql import insert

from services.applications.tables import ReaderRow
from shared.contracts.evaluation import EvaluatorDeclared
from shared.messaging.context import Context


async def open_application_file(context: Context, event: EvaluatorDeclared) -> None:
    """Stores the declaration, also when it arrives before its assignment. A recusal stays one."""
    access = {"assignment_id": event.assignment_id, "application_id": event.application_id, "evaluator_id": event.evaluator_id}
    write = insert(ReaderRow).values(**access, recused=False, declared=True)
    await context.session.execute(write.on_conflict_do_update(index_elements=["assignment_id"], set_={"declared": True}))
