"""An evaluator saves the draft of a score sheet."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.evaluation.domain.scoring import check_draft
from services.evaluation.locks import check_open, own_assignment
from services.evaluation.queries.seats import evaluation_rules
from services.evaluation.tables import CallRow, DraftRow
from shared.kernel.errors import Conflict
from shared.messaging.context import Context
from shared.privacy.sealed import write_values


async def save_draft(context: Context, assignment_id: UUID, *, version: int, content: Mapping[str, Any]) -> DraftRow:
    """The draft with its new version. `version` is the one that was loaded, 0 for the first; the same content again changes nothing.

    Locks the assignment, not the call: evaluators who type do not wait for one another. `Refused` as `check_draft`; `Conflict`
    sheet-changed, not-declared, already-scored or assignment-closed.
    """
    assignment = await own_assignment(context, assignment_id, lock=True)
    check_open(assignment.state)
    call = await context.session.get_one(CallRow, assignment.call_id)
    check_draft(content, evaluation_rules(context, call))
    draft = await context.session.get(DraftRow, assignment_id)
    if draft is not None and draft.content == content:
        return draft
    if version != (draft.version if draft else 0):
        raise Conflict("sheet-changed", "This score sheet was changed in another window. Load the page again.")
    if draft is None:
        draft = DraftRow(
            assignment_id=assignment_id,
            region=assignment.region,
            organisation_id=assignment.organisation_id,
            version=1,
            content=dict(content),
            saved_at=context.now,
        )
        context.session.add(draft)
        await context.session.flush()
        return draft
    await write_values(context.session, draft, {"version": version + 1, "content": dict(content), "saved_at": context.now})
    return draft
