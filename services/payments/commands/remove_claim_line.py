"""A beneficiary takes a line out of a draft, with its documents."""

from uuid import UUID

from services.payments.queries.claim_lines import documents_of, lines_of
from services.payments.steps.claim_drafts import Part, editable, remove_document
from shared.messaging.context import Context


async def remove_claim_line(context: Context, draft_id: UUID, line_id: UUID) -> None:
    """Repeating changes nothing. Raises as `editable`."""
    draft, _ = await editable(context, draft_id, Part.LINES)
    for file in await documents_of(context, draft.id):
        if file.line_id == line_id:
            remove_document(file, context)
    for line in await lines_of(context, draft.id):
        if line.id == line_id:
            await context.session.delete(line)
