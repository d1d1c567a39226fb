"""A call that is being written."""

from uuid import UUID

from services.applications.domain.call_drafts import CallContent, day_of, faults_of, read_content
from services.applications.domain.states import DraftState
from services.applications.tables import CallDraftRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound, Refused
from shared.messaging.context import Context
from shared.policy.schema import Policy


async def lock_draft(context: Context, draft_id: UUID, *states: DraftState) -> CallDraftRow:
    """The draft, locked, in one of the states, for who may manage calls of its region. `NotFound` 'unknown-draft'; `Conflict`
    'draft-state'."""
    draft = await context.session.get(CallDraftRow, draft_id, with_for_update=True, populate_existing=True)
    if draft is None:
        raise NotFound("unknown-draft", "There is no such draft of a call.")
    authorise(context.actor, Permission.MANAGE_CALLS, region=draft.region)
    if draft.state not in states:
        raise Conflict("draft-state", "The draft of this call is {state}.", state=draft.state)
    return draft


def content_of(draft: CallDraftRow) -> CallContent:
    return read_content(draft.content)


def policy_of(context: Context, draft: CallDraftRow) -> Policy:
    """The policy in force on the day the call opens; of a draft without that day, today's."""
    return context.policies.resolve(draft.region, draft.scheme, day_of(content_of(draft), context.now))


def faults_in(context: Context, draft: CallDraftRow) -> list[Refused]:
    """What keeps the draft from being published; also that no policy holds."""
    try:
        return list(faults_of(content_of(draft), policy_of(context, draft), context.now))
    except NotFound as fault:
        fault.field = "opens_at"
        return [fault]


def check_publishable(context: Context, draft: CallDraftRow) -> None:
    """Raises the first fault."""
    for fault in faults_in(context, draft):
        raise fault
