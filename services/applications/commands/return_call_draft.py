"""A call that was submitted is written on: the second officer wants something changed, or the first takes it back."""

from uuid import UUID

from services.applications.domain.states import DraftState
from services.applications.steps.call_drafts import lock_draft
from services.applications.tables import CallDraftRow
from shared.messaging.context import Context


async def return_call_draft(context: Context, draft_id: UUID, words: str) -> CallDraftRow:
    """`words`: what is to be changed. Who returns it has not written it, and may still publish it."""
    draft = await lock_draft(context, draft_id, DraftState.SUBMITTED)
    draft.state, draft.submitted_by, draft.submitted_at, draft.returned_words = DraftState.DRAFT, None, None, words
    return draft
