"""Officers screen applications one by one, all that are asked for at the same moment in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.applications.steps.screenings import Judged, judged, publish_screened, store_screened, take_free_cases
from shared.database.together import Asked, with_found
from shared.identity.actor import Actor
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class ToScreen:
    """Who screens which application."""

    actor: Actor
    application_id: UUID


AskedToScreen = Asked[ToScreen, Judged]


async def screen_together(context: Context, asked: Sequence[AskedToScreen], *, hash_key: bytes) -> list[tuple[AskedToScreen, Judged]]:
    """Those that are screened now. The others are left, each as soon as that is clear. `hash_key` is the key of the hashes of relations."""
    cases = await take_free_cases(context, [one.what.application_id for one in asked])

    def judge(one: AskedToScreen) -> Judged | None:
        case = cases.pop(one.what.application_id, None)
        of_actor = replace(context, actor=one.what.actor, clock=context.now)
        return None if case is None else one.variables.run(judged, of_actor, case)

    ready = {found.case.id: (one, found) for one, found in with_found(asked, judge)}
    stored = await store_screened(context, [found for _, found in ready.values()]) if ready else set[UUID]()
    done = [ready[identity] for identity in ready if identity in stored]
    for one, found in done:
        one.variables.run(publish_screened, found, hash_key)
    return done
