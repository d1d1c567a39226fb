"""Evaluation says who may read a file."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.applications.tables import ReaderRow
from shared.messaging.context import Context


async def admit_reader(context: Context, assignment_id: UUID, application_id: UUID, evaluator_id: str, *, recused: bool) -> None:
    """An assignment admits; a recusal shuts out for good, also when it comes first."""
    values = {"assignment_id": assignment_id, "application_id": application_id, "evaluator_id": evaluator_id, "recused": recused}
    write = insert(ReaderRow).values(values)
    if recused:
        write = write.on_conflict_do_update(index_elements=["assignment_id"], set_={"recused": True})
    else:
        write = write.on_conflict_do_nothing()
    await context.session.execute(write)
