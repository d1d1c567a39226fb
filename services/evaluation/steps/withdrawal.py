"""Takes a case out of the competition because its application was withdrawn."""

from sqlalchemy import update
from sqlmodel import col

from services.evaluation.domain.states import PENDING
from services.evaluation.queries.decisions import decision_in_force
from services.evaluation.steps.appeals import issue_decisions_unless_held, withdraw_appeal
from services.evaluation.steps.decisions import grant_from_reserve_list, refuse
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow
from shared.kernel.vocabulary import AssignmentState, DecisionOutcome
from shared.messaging.context import Context


async def withdraw_case(context: Context, call: CallRow, case: CaseRow) -> None:
    """Frees the evaluators. Refuses a case that is undecided or on the reserve list, so that the next one may move up.

    An award stays in force: the voucher's own lifecycle ends it.
    """
    case.withdrawn_at = context.happened_at
    pending = (col(AssignmentRow.application_id) == case.application_id, col(AssignmentRow.state).in_(PENDING))
    await context.session.execute(update(AssignmentRow).where(*pending).values(state=AssignmentState.VOID))
    decision = await decision_in_force(context, case.application_id)
    if decision is None:
        await refuse(context, call, case, ["withdrawn"])
        await withdraw_appeal(context, call, case)
        await issue_decisions_unless_held(context, call)
    elif decision.outcome == DecisionOutcome.RESERVE:
        await refuse(context, call, case, ["withdrawn"])
        await grant_from_reserve_list(context, call)
