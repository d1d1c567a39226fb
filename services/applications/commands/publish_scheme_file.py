"""A second officer publishes a policy or a form."""

from uuid import UUID

from services.applications.domain.states import SchemeFileState
from services.applications.steps.scheme_files import check_publishable, lock_proposal, read_proposed
from services.applications.tables import SchemeFileProposalRow
from shared.contracts.applications import SchemeFilePublished
from shared.contracts.scheme_files import keep_scheme_file
from shared.database.locks import lock_names
from shared.identity.duties import Duty
from shared.identity.permissions import require_person
from shared.kernel.errors import Conflict, Contradiction
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.messaging.outbox import publish
from shared.policy.scheme_files import SchemeFileKind


async def publish_scheme_file(context: Context, proposal_id: UUID) -> SchemeFileProposalRow:
    """All services take it from the event. `Forbidden` 'incompatible-step' for who proposed it, 'machine'; raises as `lock_proposal` and
    `check_publishable`, for instance because its first day has passed since; `Conflict` 'scheme-file-known'."""
    row = await lock_proposal(context, proposal_id)
    require_person(context.actor)
    await take_part(context, Duty.PUBLISH_CALL, row.id)
    check_publishable(context, read_proposed(context, SchemeFileKind(row.kind), row.text))
    row.state, row.decided_by, row.decided_at = SchemeFileState.PUBLISHED, context.actor.id, context.now
    event = SchemeFilePublished(
        file_id=row.id, region=row.region, scheme=row.scheme, kind=row.kind, effective_from=row.effective_from, text=row.text
    )
    await lock_names(context.session, [f"{row.kind} {row.region}/{row.scheme}"])
    try:
        await keep_scheme_file(context, event)
    except Contradiction as error:  # which another process has published meanwhile
        raise Conflict("scheme-file-known", "Another file of this scheme holds from the same day.") from error
    publish(context, event, reason="published", policy_id="")
    await context.session.flush()
    return row
