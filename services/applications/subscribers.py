"""What `applications` does when others tell it something. Milestones of others' subjects (vouchers, claims, batches) are passed over."""

from services.applications.commands.admit_reader import admit_reader
from services.applications.commands.close_call import close_call
from services.applications.commands.end_repair import end_repair
from services.applications.commands.keep_commitment import keep_commitment
from services.applications.commands.open_call import open_call
from services.applications.commands.record_decision import record_decision
from shared.contracts.evaluation import AwardGranted, AwardRefused, DrawCommitted, EvaluatorAssigned, EvaluatorRecused, PlacedOnReserveList
from shared.contracts.vouchers import MilestoneReached
from shared.messaging.context import Context
from shared.messaging.inbox import Handlers

MILESTONES = {"call-opens": open_call, "call-closes": close_call, "repair-ends": end_repair}


async def on_milestone(context: Context, event: MilestoneReached) -> None:
    command = MILESTONES.get(event.kind)
    if command is not None:
        await command(context, event.subject_id)


async def on_committed(context: Context, event: DrawCommitted) -> None:
    await keep_commitment(context, event)


async def on_assigned(context: Context, event: EvaluatorAssigned) -> None:
    await admit_reader(context, event.assignment_id, event.application_id, event.evaluator_id, recused=False)


async def on_recused(context: Context, event: EvaluatorRecused) -> None:
    await admit_reader(context, event.assignment_id, event.application_id, event.evaluator_id, recused=True)


async def on_granted(context: Context, event: AwardGranted) -> None:
    await record_decision(context, event.application_id, "granted")


async def on_reserve(context: Context, event: PlacedOnReserveList) -> None:
    await record_decision(context, event.application_id, "reserve")


async def on_refused(context: Context, event: AwardRefused) -> None:
    await record_decision(context, event.application_id, "refused")


HANDLERS: Handlers = {
    MilestoneReached: on_milestone,
    DrawCommitted: on_committed,
    EvaluatorAssigned: on_assigned,
    EvaluatorRecused: on_recused,
    AwardGranted: on_granted,
    PlacedOnReserveList: on_reserve,
    AwardRefused: on_refused,
}
