"""What `applications` does when others tell it something. Milestones of others' subjects (vouchers, claims, batches) are passed over."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.admit_reader import admit_reader
from services.applications.commands.close_call import close_call
from services.applications.commands.end_repair import end_repair
from services.applications.commands.keep_commitment import keep_commitment
from services.applications.commands.open_call import open_call
from services.applications.commands.record_decision import record_decision
from shared.contracts.evaluation import AwardGranted, AwardRefused, DrawCommitted, EvaluatorAssigned, EvaluatorRecused, PlacedOnReserveList
from shared.contracts.vouchers import MilestoneReached
from shared.messaging.cause import Cause
from shared.messaging.inbox import Handlers

MILESTONES = {"call-opens": open_call, "call-closes": close_call, "repair-ends": end_repair}


async def on_milestone(session: AsyncSession, event: MilestoneReached, cause: Cause) -> None:
    command = MILESTONES.get(event.kind)
    if command is not None:
        await command(session, cause, event.subject_id)


async def on_committed(session: AsyncSession, event: DrawCommitted, cause: Cause) -> None:
    await keep_commitment(session, event)


async def on_assigned(session: AsyncSession, event: EvaluatorAssigned, cause: Cause) -> None:
    await admit_reader(session, event.assignment_id, event.application_id, event.evaluator_id, recused=False)


async def on_recused(session: AsyncSession, event: EvaluatorRecused, cause: Cause) -> None:
    await admit_reader(session, event.assignment_id, event.application_id, event.evaluator_id, recused=True)


async def on_granted(session: AsyncSession, event: AwardGranted, cause: Cause) -> None:
    await record_decision(session, cause, event.application_id, "granted")


async def on_reserve(session: AsyncSession, event: PlacedOnReserveList, cause: Cause) -> None:
    await record_decision(session, cause, event.application_id, "reserve")


async def on_refused(session: AsyncSession, event: AwardRefused, cause: Cause) -> None:
    await record_decision(session, cause, event.application_id, "refused")


HANDLERS: Handlers = {
    MilestoneReached: on_milestone,
    DrawCommitted: on_committed,
    EvaluatorAssigned: on_assigned,
    EvaluatorRecused: on_recused,
    AwardGranted: on_granted,
    PlacedOnReserveList: on_reserve,
    AwardRefused: on_refused,
}
