"""A proposed policy or form is not published: the second officer refuses it, or the first takes it back."""

from uuid import UUID

from services.applications.domain.states import SchemeFileState
from services.applications.steps.scheme_files import lock_proposal
from services.applications.tables import SchemeFileProposalRow
from shared.messaging.context import Context


async def refuse_scheme_file(context: Context, proposal_id: UUID, words: str) -> SchemeFileProposalRow:
    """`words`: why, for who proposed it. A corrected file is another proposal. Raises as `lock_proposal`."""
    row = await lock_proposal(context, proposal_id)
    row.state, row.decided_by, row.decided_at, row.words = SchemeFileState.REFUSED, context.actor.id, context.now, words
    return row
