"""CaseRemoved: what people wrote about the case is removed; scores, ranks and decisions stay."""

from sqlalchemy import delete, select, update
from sqlmodel import col

from services.evaluation.domain.states import classes_of
from services.evaluation.locks import lock_call
from services.evaluation.queries.decisions import decisions_of
from services.evaluation.tables import AppealRow, AssignmentRow, CaseRow, DraftRow, QuestionRow, SetAsideSheetRow, Table
from shared.contracts.applications import CaseRemoved
from shared.contracts.binding import require_same, require_term_over
from shared.kernel.errors import Contradiction
from shared.messaging.context import Context

WRITTEN: dict[type[Table], tuple[str, ...]] = {
    AssignmentRow: ("comment", "justifications"),
    SetAsideSheetRow: ("comment", "justifications", "reason"),
    QuestionRow: ("question", "answer"),
    AppealRow: ("grounds", "reasons"),
}
"""What people wrote about a case, in whatever table."""


async def remove_case(context: Context, event: CaseRemoved) -> None:
    """Once. A draft or an ineligible application has no case here. `Contradiction` when the event is about another call or region, when
    the case has not ended or ended otherwise, or when its term is not over."""
    call = await lock_call(context, event.call_id)
    case = await context.session.get(CaseRow, event.application_id)
    if case is None or case.removed_at is not None:
        return
    require_same(event, case)
    last = (await decisions_of(context, [case.application_id]))[case.application_id][-1:]
    if event.retention_class not in classes_of(case.withdrawn_at is not None, last[0].outcome if last else None):
        raise Contradiction(f"{event.type}: the case has not ended as {event.retention_class}")
    require_term_over(event, context.policies.get(call.policy_id), case.submitted_at, context.now)
    of_case = col(AssignmentRow.application_id) == case.application_id
    own = select(col(AssignmentRow.id)).where(of_case)
    await context.session.execute(delete(DraftRow).where(col(DraftRow.assignment_id).in_(own)))
    for table, emptied in WRITTEN.items():
        is_of_case = table.__table__.c.application_id == case.application_id  # type: ignore[attr-defined]
        await context.session.execute(update(table).where(is_of_case).values(dict.fromkeys(emptied)))
    case.removed_at = context.now
