"""An officer submits a call to the second officer."""

from uuid import UUID

from services.applications.domain.states import DraftState
from services.applications.queries.drafted_calls import check_publishable
from services.applications.steps.call_drafts import lock_draft
from services.applications.tables import CallDraftRow
from shared.identity.duties import Duty
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context


async def submit_call_draft(context: Context, draft_id: UUID) -> CallDraftRow:
    """From now on it is read, and published or returned, by another officer. Raises its first fault (`domain.call_drafts.faults_of`)."""
    draft = await lock_draft(context, draft_id, DraftState.DRAFT)
    await take_unpublished_part(context, Duty.DRAFT_CALL, draft.id)
    check_publishable(context, draft)
    draft.state, draft.submitted_by, draft.submitted_at = DraftState.SUBMITTED, context.actor.id, context.now
    draft.returned_words = ""
    return draft
