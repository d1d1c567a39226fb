"""ApplicationWithdrawn: the applicant no longer competes."""

from sqlalchemy import update
from sqlmodel import col

from services.evaluation.commands.check_screening import check_screening
from services.evaluation.commands.take_turn import advance_queue, note_turn
from services.evaluation.domain.queue import WITHDRAWN
from services.evaluation.domain.ranking import RESERVE
from services.evaluation.locks import lock_call
from services.evaluation.steps.decisions import decision_in_force, move_up, refuse
from services.evaluation.steps.ranking import settle_list
from services.evaluation.tables import AssignmentRow, CallRow, CaseRow
from shared.contracts.applications import ApplicationWithdrawn
from shared.messaging.context import Context


async def withdraw_case(context: Context, event: ApplicationWithdrawn) -> None:
    """At every stage: before the case is open, while it is scored, listed or on the reserve list. An award stands: the voucher's
    own lifecycle ends it, and should it not be funded it is not granted again."""
    call = await lock_call(context, event.call_id)
    await note_turn(context, call, event.application_id, event.sequence, WITHDRAWN)
    case = await context.session.get(CaseRow, event.application_id)
    if case is not None and case.withdrawn_at is None:
        await take_out(context, call, case)
    await advance_queue(context, call)
    await check_screening(context, call)
    await settle_list(context, call)


async def take_out(context: Context, call: CallRow, case: CaseRow) -> None:
    """Frees the evaluators; refuses what is not decided or waits on the reserve list, so that the next may move up."""
    case.withdrawn_at = context.happened_at
    unscored = (col(AssignmentRow.application_id) == case.application_id, col(AssignmentRow.state).in_(["assigned", "declared"]))
    await context.session.execute(update(AssignmentRow).where(*unscored).values(state="void"))
    decision = await decision_in_force(context, case)
    if decision is None or decision.outcome == RESERVE:
        await refuse(context, call, case, ["withdrawn"])
    if decision is not None and decision.outcome == RESERVE:
        await move_up(context, call)
