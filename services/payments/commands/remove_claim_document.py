"""A beneficiary takes a document away from a line of a draft."""

from uuid import UUID

from services.payments.queries.claim_lines import documents_of
from services.payments.steps.claim_drafts import editable, remove_document
from shared.messaging.context import Context


async def remove_claim_document(context: Context, draft_id: UUID, file_id: UUID) -> None:
    """Its content is deleted, unless a claim names it. Repeating changes nothing. Raises as `editable`."""
    draft, _ = await editable(context, draft_id)
    for file in await documents_of(context, draft.id):
        if file.id == file_id:
            remove_document(file, context)
