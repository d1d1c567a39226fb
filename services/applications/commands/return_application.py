"""An officer sends a file back to be mended."""

from collections.abc import Sequence
from uuid import UUID

from services.applications.domain.repair import check_return
from services.applications.locks import lock_case
from services.applications.tables import ApplicationRow
from shared.contracts.applications import ApplicationReturned
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def return_application(context: Context, application_id: UUID, fields: Sequence[str], note: str) -> ApplicationRow:
    """Until `repair_by`, as the policy says, the applicant may change what `fields` names (paths of the form). The note stays here."""
    application, call = await lock_case(context, application_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=application.region)
    policy = context.policies.get(call.policy_id)
    check_return(application.state, application.returns, fields, policy)

    application.state, application.changed_at = "returned", context.now
    application.repair_by = policy.deadline_end(policy.repair.within, context.now)
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
