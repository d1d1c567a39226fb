"""Applicants begin applications, all who ask at the same moment in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.applications.domain.form import Form
from services.applications.locks import FreeCall
from services.applications.steps.drafts import new_draft, publish_joined
from services.applications.steps.new_drafts import Begun, store_drafts, take_free_calls
from shared.database.together import Asked
from shared.identity.actor import Actor
from shared.identity.permissions import Permission, Unowned, authorise
from shared.kernel.errors import TriptychError
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class ToDraft:
    """Who begins an application in a call, in which an organisation may have begun `most`. `key` and `input_hash` are those of the
    request."""

    actor: Actor
    call_id: UUID
    form: Form
    most: int
    key: str
    input_hash: str


AskedToDraft = Asked[ToDraft, Begun]


async def draft_together(context: Context, asked: Sequence[AskedToDraft], *, route: str) -> list[tuple[AskedToDraft, Begun]]:
    """Those that are begun now, each with the key of its request. The others are left, each as soon as that is clear."""
    wanted = [(one, organisation) for one in asked if (organisation := one.what.actor.organisation_id)]
    calls = await take_free_calls(context, [(organisation, one.what.call_id) for one, organisation in wanted])
    ready: dict[UUID, tuple[AskedToDraft, Begun]] = {}
    for place, (one, organisation) in enumerate(wanted):
        found = _begun(replace(context, actor=one.what.actor, clock=context.now), one.what, organisation, calls.get(place))
        if found is None:
            one.leave()
        else:
            ready[found.row.id] = one, found
    stored = await store_drafts(context, [found for _, found in ready.values()], route) if ready else set[UUID]()
    done = [ready[identity] for identity in ready if identity in stored]
    for one, found in done:
        one.variables.run(publish_joined, found.context, found.row, found.call.policy_id)
    return done


def _begun(context: Context, what: ToDraft, organisation_id: UUID, call: FreeCall | None) -> Begun | None:
    """None when a rule refuses it."""
    if call is None or context.now >= call.closes_at or call.begun >= what.most:
        return None
    try:
        authorise(context.actor, Permission.WRITE_APPLICATION, region=call.region, owner=Unowned.OPEN)
        return Begun(context, call, new_draft(context, call, organisation_id, what.form), what.key, what.input_hash)
    except TriptychError:
        return None
