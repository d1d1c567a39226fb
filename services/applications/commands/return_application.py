"""An officer sends a file back to be mended."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.lock_case import lock_case
from services.applications.domain.repair import check_return
from services.applications.tables import ApplicationRow
from shared.contracts.applications import ApplicationReturned
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, authorise
from shared.messaging.cause import Cause
from shared.messaging.outbox import publish
from shared.policy.resolver import PolicyBook


async def return_application(
    session: AsyncSession, cause: Cause, actor: Actor, book: PolicyBook, application_id: UUID, fields: Sequence[str], note: str
) -> ApplicationRow:
    """Until `repair_by`, as the policy says, the applicant may change what `fields` names (paths of the form). The note stays here."""
    application, call = await lock_case(session, application_id)
    authorise(actor, Permission.SCREEN_APPLICATION, region=application.region)
    policy = book.get(call.policy_id)
    check_return(application.state, application.returns, fields, policy)

    application.state, application.changed_at = "returned", cause.now
    application.repair_by = policy.deadline_end(policy.repair.within, cause.now)
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
    publish(session, cause, event, reason="incomplete", policy_id=policy.id)
    return application
