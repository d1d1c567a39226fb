"""A call that is being written."""

from uuid import UUID

from services.applications.domain.states import DraftState
from services.applications.tables import CallDraftRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.context import Context


async def lock_draft(context: Context, draft_id: UUID, *states: DraftState) -> CallDraftRow:
    """The draft, locked, in one of the states, for who may manage calls of its region. `NotFound` 'unknown-call-draft'; `Conflict`
    'draft-state'."""
    draft = await context.session.get(CallDraftRow, draft_id, with_for_update=True, populate_existing=True)
    if draft is None:
        raise NotFound("unknown-call-draft", "There is no such draft of a call.")
    authorise(context.actor, Permission.MANAGE_CALLS, region=draft.region)
    if draft.state not in states:
        raise Conflict("draft-state", "The draft has another state by now. Read it again.", state=draft.state)
    return draft


def check_version(draft: CallDraftRow, version: int) -> None:
    """`Conflict` 'draft-changed' when somebody has saved the draft since this version."""
    if draft.version != version:
        raise Conflict("draft-changed", "Somebody else has changed this call since you loaded it. Load it, and change it there.")
