"""An officer returns an application for correction."""

from collections.abc import Sequence
from uuid import UUID

from services.applications.domain.correction import check_return
from services.applications.locks import lock_case
from services.applications.tables import ApplicationRow
from shared.contracts.applications import ApplicationReturned
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def return_application(context: Context, application_id: UUID, fields: Sequence[str], note: str) -> ApplicationRow:
    """Until `repair_by`, a deadline of the policy, the applicant may change the answers in `fields` (paths of the form).

    The note is not in the event: it is free text and could hold a name. `Conflict` 'wrong-state' or 'returned-too-often', `Refused`
    'unknown-field'.
    """
    application, call = await lock_case(context, application_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=application.region)
    await take_part(context, Duty.SCREEN, application.id, call_id=call.id)
    policy = context.policies.get(call.policy_id)
    check_return(application.state, application.returns, fields, policy)

    application.state, application.changed_at = ApplicationState.RETURNED, context.now
    application.repair_by = policy.deadline(policy.repair.within, context.now)
    application.returned_fields, application.return_note = list(fields), note
    application.returns += 1
    event = ApplicationReturned(
        application_id=application.id,
        call_id=call.id,
        region=call.region,
        revision=application.revision,
        repair_by=application.repair_by,
        fields=list(fields),
    )
    publish(context, event, reason="incomplete", policy_id=policy.id)
    return application
