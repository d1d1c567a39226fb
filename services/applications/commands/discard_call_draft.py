"""An officer discards a call that was never published."""

from uuid import UUID

from services.applications.domain.states import DraftState
from services.applications.steps.call_drafts import lock_draft
from services.applications.tables import CallDraftRow
from shared.messaging.context import Context


async def discard_call_draft(context: Context, draft_id: UUID) -> CallDraftRow:
    """It is kept, and nobody writes it on. `Conflict` 'draft-state'."""
    draft = await lock_draft(context, draft_id, DraftState.DRAFT)
    draft.state, draft.changed_by, draft.changed_at = DraftState.DISCARDED, context.actor.id, context.now
    return draft
