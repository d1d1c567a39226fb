"""An officer proposes a policy or a form of a scheme."""

from services.applications.steps.scheme_files import check_publishable, read_proposed
from services.applications.tables import SchemeFileProposalRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise, require_person
from shared.kernel.ids import new_id
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context
from shared.policy.scheme_files import SchemeFileKind


async def propose_scheme_file(context: Context, kind: SchemeFileKind, text: str) -> SchemeFileProposalRow:
    """It waits for another officer. Raises as `read_proposed` and `check_publishable`; `Forbidden` for another region, and 'machine'."""
    found = read_proposed(context, kind, text)
    authorise(context.actor, Permission.MANAGE_CALLS, region=found.region)
    require_person(context.actor)
    check_publishable(context, found)
    row = SchemeFileProposalRow(
        id=new_id(), kind=kind, region=found.region, scheme=found.scheme or "", effective_from=found.effective_from, text=text,
        proposed_by=context.actor.id, proposed_at=context.now,
    )  # fmt: skip
    await take_unpublished_part(context, Duty.DRAFT_CALL, row.id)
    context.session.add(row)
    await context.session.flush()
    return row
