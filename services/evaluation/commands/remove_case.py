"""CaseRemoved: what evaluators wrote about the case is removed; scores, ranks and decisions stay."""

from sqlalchemy import update
from sqlmodel import col

from services.evaluation.domain.states import classes_of
from services.evaluation.locks import lock_call
from services.evaluation.queries.decisions import decisions_of
from services.evaluation.tables import AssignmentRow, CaseRow
from shared.contracts.applications import CaseRemoved
from shared.contracts.binding import require_same, require_term_over
from shared.kernel.errors import Contradiction
from shared.messaging.context import Context


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
    await context.session.execute(update(AssignmentRow).where(of_case).values(comment=None))
    case.removed_at = context.now
