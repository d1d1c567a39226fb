"""Applicants submit drafts, all who ask at the same moment in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.applications.steps.submissions import Complete, Receipt, complete, publish_submitted, submit_all, take_free_drafts
from shared.database.together import Asked, with_found
from shared.identity.actor import Actor
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class ToSubmit:
    """Who submits which application."""

    actor: Actor
    application_id: UUID


AskedToSubmit = Asked[ToSubmit, Receipt]


async def submit_together(context: Context, asked: Sequence[AskedToSubmit]) -> list[tuple[AskedToSubmit, Receipt]]:
    """Those that are submitted now. The others are left, each as soon as that is clear, since what it waits for may be one of these.

    The number is given by the last statement that waits: until then nobody else in the call waits for these.
    """
    drafts = await take_free_drafts(context, [one.what.application_id for one in asked])

    def check(one: AskedToSubmit) -> Complete | None:
        draft = drafts.pop(one.what.application_id, None)
        of_actor = replace(context, actor=one.what.actor, clock=context.now)
        return None if draft is None else one.variables.run(complete, of_actor, draft)

    ready = {found.draft.id: (one, found) for one, found in with_found(asked, check)}
    done = await submit_all(context, [found for _, found in ready.values()]) if ready else {}
    for identity, (one, found) in ready.items():
        if identity in done:
            one.variables.run(publish_submitted, found, done[identity])
    return [(ready[identity][0], receipt) for identity, receipt in done.items()]
