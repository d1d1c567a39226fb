"""An applicant appeals against the list of the call."""

from uuid import UUID

from services.evaluation.domain.appeals import check_remedy
from services.evaluation.domain.states import AppealState
from services.evaluation.locks import lock_call
from services.evaluation.queries.appeals import appeal_of, remedy_of
from services.evaluation.queries.lists import list_in_force
from services.evaluation.tables import AppealRow, CaseRow
from shared.contracts.evaluation import AppealLodged
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.ids import derive_id
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def lodge_appeal(context: Context, application_id: UUID, *, grounds: str) -> AppealRow:
    """Once for an application, within the policy's term. The same words again change nothing. `Conflict` as `check_remedy`."""
    case = await context.session.get_one(CaseRow, application_id)
    authorise(context.actor, Permission.LODGE_APPEAL, region=case.region, owner=owned_by(case.organisation_id))
    call = await lock_call(context, case.call_id)
    await context.session.refresh(case)
    await take_part(context, Duty.APPLY, application_id, call_id=call.id)
    known = await appeal_of(context, application_id)
    if known is not None and known.grounds == grounds:
        return known
    policy = context.policies.get(call.policy_id)
    check_remedy(await remedy_of(context, call, case, known), context.now, policy.zone)
    listed = await list_in_force(context, call.id)
    assert listed is not None, "there is a list to appeal against"
    row = AppealRow(
        id=derive_id(application_id, "appeal"),
        application_id=application_id,
        call_id=call.id,
        region=call.region,
        organisation_id=case.organisation_id,
        list_hash=listed.list_hash,
        state=AppealState.LODGED,
        lodged_by=context.actor.id,
        lodged_at=context.now,
        grounds=grounds,
    )
    context.session.add(row)
    event = AppealLodged(application_id=application_id, call_id=call.id, region=call.region, appeal_id=row.id)
    publish(context, event, reason="appeal", policy_id=call.policy_id)
    await context.session.flush()
    return row
