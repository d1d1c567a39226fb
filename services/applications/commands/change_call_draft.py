"""An officer writes a call."""

from uuid import UUID

from services.applications.domain.call_drafts import CallContent
from services.applications.domain.states import DraftState
from services.applications.steps.call_drafts import check_version, lock_draft
from services.applications.tables import CallDraftRow
from shared.identity.duties import Duty
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context


async def change_call_draft(context: Context, draft_id: UUID, version: int, content: CallContent) -> CallDraftRow:
    """The draft with this content in the place of what it had. `Conflict` 'draft-changed' when somebody else has saved it since `version`;
    'draft-state' once it is submitted. Who writes does not publish it."""
    draft = await lock_draft(context, draft_id, DraftState.DRAFT)
    check_version(draft, version)
    await take_unpublished_part(context, Duty.DRAFT_CALL, draft.id)
    draft.content = content.model_dump(mode="json", exclude_none=True)
    draft.version, draft.changed_by, draft.changed_at = draft.version + 1, context.actor.id, context.now
    return draft
