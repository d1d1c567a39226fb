"""An applicant begins an application."""

from uuid import UUID

from services.applications.domain.form import Form
from services.applications.locks import lock_organisations, read_call
from services.applications.queries.applications import count_unsubmitted
from services.applications.settings import DRAFTS_PER_CALL
from services.applications.steps.drafts import add_draft, join
from services.applications.steps.invitations import claim_invitation
from services.applications.steps.members import record_members
from services.applications.tables import ApplicationRow
from shared.identity.permissions import Permission, Unowned, authorise
from shared.kernel.errors import Conflict, Forbidden, Refused
from shared.kernel.vocabulary import CallState
from shared.messaging.context import Context


async def draft_application(context: Context, call_id: UUID, form: Form, most: int = DRAFTS_PER_CALL) -> ApplicationRow:
    """A draft of the actor's organisation. A draft may be begun before the call opens.

    In a call by invitation it begins with the answers of the expression of interest that was chosen; `Refused` 'not-invited' or
    'invitation-ended', `Conflict` 'invitation-taken'.

    `Conflict` 'too-many-drafts' when the organisation has
    begun `most` applications in the call without submitting them; requests at the same moment may exceed that by their number.
    """
    call = await read_call(context, call_id)
    authorise(context.actor, Permission.WRITE_APPLICATION, region=call.region, owner=Unowned.OPEN)
    if context.actor.organisation_id is None:
        raise Forbidden("no-organisation", "You do not act for an organisation.")
    if call.state == CallState.CLOSED or context.now >= call.closes_at:
        zone = context.policies.get(call.policy_id).zone
        raise Refused("deadline-passed", "The time to submit ended on {ended_at}.", ended_at=call.closes_at, zone=zone)
    if await count_unsubmitted(context, call_id, context.actor.organisation_id) >= most:
        raise Conflict(
            "too-many-drafts", "Your organisation has {most} applications in this call that are begun and not submitted.", most=most
        )
    await lock_organisations(context, [context.actor.organisation_id])
    expression_id, form = await claim_invitation(context, call, context.actor.organisation_id, form)
    draft = add_draft(context, call, context.actor.organisation_id, form, expression_id)
    await join(context, draft, call.policy_id)
    await record_members(context, draft, call)
    return draft
