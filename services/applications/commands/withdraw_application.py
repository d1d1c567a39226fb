"""An applicant withdraws an application."""

from uuid import UUID

from services.applications.locks import lock_case
from services.applications.steps.screening import complete_screening
from services.applications.tables import ApplicationRow
from shared.contracts.applications import ApplicationWithdrawn, DraftWithdrawn
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import ApplicationState, DecisionOutcome
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def withdraw_application(context: Context, application_id: UUID, reason: str) -> ApplicationRow:
    """The application no longer competes, and its place in the call is free again. Withdrawing twice changes nothing.

    `Conflict` 'application-decided' once it is decided: after an award, the applicant declines the voucher instead.
    """
    application, call = await lock_case(context, application_id)
    authorise(context.actor, Permission.WITHDRAW, region=application.region, owner=owned_by(application.organisation_id))
    await take_part(context, Duty.APPLY, application.id, call_id=call.id)
    if application.state == ApplicationState.WITHDRAWN:
        return application
    final = (DecisionOutcome.GRANTED, DecisionOutcome.INVITED, DecisionOutcome.REFUSED)
    if application.state == ApplicationState.INELIGIBLE or application.decision in final:
        state, decision = application.state, application.decision
        raise Conflict("application-decided", "The application is decided.", state=state, decision=decision)
    application.state, application.changed_at = ApplicationState.WITHDRAWN, context.now
    application.live_slot = application.repair_by = None
    if application.sequence is not None:
        event = ApplicationWithdrawn(application_id=application.id, call_id=call.id, region=call.region, sequence=application.sequence)
        publish(context, event, reason=reason, policy_id=call.policy_id)
        await complete_screening(context, call)
    else:
        withdrawn = DraftWithdrawn(application_id=application.id, call_id=call.id, region=call.region)
        publish(context, withdrawn, reason=reason, policy_id=call.policy_id)
    return application
