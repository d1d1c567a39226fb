"""A beneficiary gives up a draft that was never lodged."""

from uuid import UUID

from services.payments.queries.claim_lines import documents_of, lines_of
from services.payments.steps.claim_drafts import Part, editable, remove_document
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def discard_claim_draft(context: Context, draft_id: UUID) -> None:
    """Its lines and documents go. Raises as `editable`; `Conflict` 'claim-returned' for one that waits to be lodged again."""
    draft, _ = await editable(context, draft_id, Part.WHOLE)
    if draft.claim_id is not None:
        raise Conflict("claim-returned", "This claim was returned: correct it, or leave it. It is rejected when its time is over.")
    for file in await documents_of(context, draft.id):
        remove_document(file, context)
    for line in await lines_of(context, draft.id):
        await context.session.delete(line)
    draft.discarded_at = context.now
