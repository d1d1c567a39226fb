"""Applicants begin applications, all who ask at the same moment in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.applications.domain.form import Form
from services.applications.locks import FreeCall
from services.applications.steps.drafts import new_draft, publish_joined
from services.applications.steps.new_drafts import Begun, store_drafts, take_free_calls
from shared.database.together import Asked, with_found
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

    @property
    def organisation_and_call(self) -> tuple[UUID | None, UUID]:
        return self.actor.organisation_id, self.call_id


AskedToDraft = Asked[ToDraft, Begun]


async def draft_together(context: Context, asked: Sequence[AskedToDraft], *, route: str) -> list[tuple[AskedToDraft, Begun]]:
    """Those that are begun now, each with the key of its request. The others are left, each as soon as that is clear."""
    calls = await take_free_calls(context, {one.what.organisation_and_call for one in asked})

    def begin(one: AskedToDraft) -> Begun | None:
        call = calls.get(one.what.organisation_and_call)
        of_actor = replace(context, actor=one.what.actor, clock=context.now)
        return None if call is None else one.variables.run(_begun, of_actor, one.what, call)

    ready = {found.row.id: (one, found) for one, found in with_found(asked, begin)}
    stored = await store_drafts(context, [found for _, found in ready.values()], route) if ready else set[UUID]()
    done = [ready[identity] for identity in ready if identity in stored]
    for one, found in done:
        one.variables.run(publish_joined, found.context, found.row, found.call.policy_id)
    return done


def _begun(context: Context, what: ToDraft, call: FreeCall) -> Begun | None:
    """None when a rule refuses it."""
    if context.now >= call.closes_at or call.begun >= what.most:
        return None
    try:
        authorise(context.actor, Permission.WRITE_APPLICATION, region=call.region, owner=Unowned.OPEN)
        return Begun(context, call, new_draft(context, call, call.organisation_id, what.form), what.key, what.input_hash)
    except TriptychError:
        return None
