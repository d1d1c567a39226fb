"""An officer screens the submitted applications of a call, a limited number at a time."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.applications.locks import lock_call, lock_limits, read_call
from services.applications.queries.earlier import earlier_for
from services.applications.queries.notes import has_flag
from services.applications.queries.overrules import overrules_of
from services.applications.steps.overrules import is_any_waiting
from services.applications.steps.screening import complete_screening, record_screening, screen
from services.applications.tables import ApplicationRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, authorise
from shared.kernel.vocabulary import ApplicationState
from shared.messaging.acts import subjects_closed_to_actor, take_part
from shared.messaging.context import Context
from shared.policy.case_terms import counts_earlier


@dataclass(frozen=True, slots=True)
class ScreeningProgress:
    """Numbers of applications; `remaining` counts those that are still submitted. Of these wait for a person: the flagged, those with an
    overrule that is not decided, and those in which the officer took another part."""

    screened: int
    eligible: int
    ineligible: int
    remaining: int


async def screen_call(context: Context, call_id: UUID, *, limit: int, hash_key: bytes) -> ScreeningProgress:
    """Screens up to `limit` applications in the order of submission. Repeat while some remain."""
    call = await read_call(context, call_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=call.region)
    waiting = (col(ApplicationRow.call_id) == call_id) & (col(ApplicationRow.state) == ApplicationState.SUBMITTED)
    query = (
        select(ApplicationRow)
        .where(waiting, ~has_flag())
        .order_by(col(ApplicationRow.sequence))
        .limit(limit)
        .with_for_update(key_share=True)
    )
    found = list(await context.session.scalars(query))
    policy = context.policies.get(call.policy_id)
    await lock_limits(context, found, policy)
    await lock_call(context, call.id)
    await take_part(context, Duty.SCREEN, call_id=call.id)
    closed = await subjects_closed_to_actor(context, Duty.SCREEN, [application.id for application in found])
    overrules = await overrules_of(context, [application.id for application in found])
    screened = []
    for application in found:
        if application.id in closed or is_any_waiting(overrules.get(application.id, [])):
            continue
        earlier = await earlier_for(context, application, policy, hash_key)  # with what this very run found eligible
        one = screen(context, application, policy, overrules.get(application.id, []), earlier)
        record_screening(context, one, call, hash_key)
        screened.append(one)
        if counts_earlier(policy):
            await context.session.flush()
    await context.session.flush()
    await complete_screening(context, call)
    remaining = await context.session.scalar(select(func.count()).select_from(ApplicationRow).where(waiting)) or 0
    eligible = sum(one.assessment.eligible for one in screened)
    return ScreeningProgress(len(screened), eligible, len(screened) - eligible, remaining)
