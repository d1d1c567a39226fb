"""An officer who took no part in the evaluation decides an appeal, with reasons."""

from uuid import UUID

from services.evaluation.domain.appeals import check_decision
from services.evaluation.domain.states import AppealState, Rescoring
from services.evaluation.locks import lock_call
from services.evaluation.steps.appeals import issue_decisions_unless_held
from services.evaluation.steps.rescoring import score_again
from services.evaluation.tables import AppealRow, CaseRow
from shared.contracts.evaluation import AppealDecided
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def decide_appeal(context: Context, appeal_id: UUID, *, reasons: str, rescoring: Rescoring | None) -> AppealRow:
    """Upheld: `rescoring` says who scores the case again, and another list has to be approved. Dismissed without it: when it was the last
    open appeal after the term, the decisions of the call go out.

    The same decision again changes nothing. `Conflict` as `check_decision`; `Forbidden` incompatible-step for who screened or scored the
    case, chose its evaluators or approved the list.
    """
    appeal = await context.session.get_one(AppealRow, appeal_id)
    authorise(context.actor, Permission.DECIDE_APPEAL, region=appeal.region)
    call = await lock_call(context, appeal.call_id)
    await context.session.refresh(appeal)
    if appeal.decided_by == context.actor.id and appeal.reasons == reasons and appeal.rescoring == rescoring:
        return appeal
    await take_part(context, Duty.DECIDE_APPEAL, appeal.application_id, call_id=call.id)
    case = await context.session.get_one(CaseRow, appeal.application_id)
    check_decision(AppealState(appeal.state), complete=case.completed_at is not None)
    appeal.state = AppealState.UPHELD if rescoring else AppealState.DISMISSED
    appeal.decided_by, appeal.decided_at, appeal.reasons, appeal.rescoring = context.actor.id, context.now, reasons, rescoring
    event = AppealDecided(
        application_id=appeal.application_id, call_id=call.id, region=call.region, appeal_id=appeal.id, outcome=appeal.state
    )
    publish(context, event, reason=f"appeal-{appeal.state}", policy_id=call.policy_id)
    await context.session.flush()
    if rescoring:
        await score_again(context, call, case, rescoring, reasons)
    else:
        await issue_decisions_unless_held(context, call)
    return appeal
