"""An officer has the submitted files of a call judged, some at a time."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from services.applications.commands.screen_application import decide
from services.applications.locks import lock_call
from services.applications.steps.complete_screening import complete_screening
from services.applications.tables import ApplicationRow
from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class Screened:
    """`remaining` counts what is still submitted."""

    screened: int
    eligible: int
    ineligible: int
    remaining: int


async def screen_call(context: Context, hash_key: bytes, call_id: UUID, limit: int) -> Screened:
    """In the order of submission. Ask again while something remains."""
    call = await lock_call(context, call_id)
    authorise(context.actor, Permission.SCREEN_APPLICATION, region=call.region)
    waiting = (col(ApplicationRow.call_id) == call_id) & (col(ApplicationRow.state) == "submitted")
    query = select(ApplicationRow).where(waiting).order_by(col(ApplicationRow.sequence)).limit(limit).with_for_update(key_share=True)
    policy = context.policies.get(call.policy_id)
    applications = list(await context.session.scalars(query))
    verdicts = [decide(context, application, call, policy, hash_key) for application in applications]
    await context.session.flush()
    await complete_screening(context, call)
    remaining = await context.session.scalar(select(func.count()).select_from(ApplicationRow).where(waiting)) or 0
    eligible = sum(verdict.eligible for verdict in verdicts)
    return Screened(len(verdicts), eligible, len(verdicts) - eligible, remaining)
