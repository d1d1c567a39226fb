"""What evaluation does when others tell it something: each event goes to one command."""

from services.evaluation.commands.check_screening import complete_screening
from services.evaluation.commands.close_call import close_call
from services.evaluation.commands.end_reserve_list import end_reserve_list
from services.evaluation.commands.escalate_evaluation import escalate_evaluation
from services.evaluation.commands.extend_call import extend_call
from services.evaluation.commands.issue_decisions import issue_decisions
from services.evaluation.commands.keep_call import keep_call
from services.evaluation.commands.open_case import open_case
from services.evaluation.commands.release_funds import release_funds
from services.evaluation.commands.return_case import return_case
from services.evaluation.commands.take_turn import take_turn
from services.evaluation.commands.withdraw_case import withdraw_case
from services.evaluation.domain.queue import INELIGIBLE, WAITING
from shared.contracts.applications import (
    ApplicationFoundEligible,
    ApplicationFoundIneligible,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    CallClosed,
    CallExtended,
    CallPublished,
    ScreeningCompleted,
)
from shared.contracts.payments import FundsReleased
from shared.contracts.vouchers import MilestoneReached, VoucherNotFunded
from shared.messaging.context import Context
from shared.messaging.inbox import Handlers

MILESTONES = {
    "evaluation-due": escalate_evaluation,
    "appeals-over": issue_decisions,
    "reserve-list-ends": end_reserve_list,
}


async def on_submitted(context: Context, event: ApplicationSubmitted) -> None:
    if event.revision == 1:  # a repair does not change the place in the queue
        await take_turn(context, event.call_id, event.application_id, event.sequence, WAITING)


async def on_ineligible(context: Context, event: ApplicationFoundIneligible) -> None:
    await take_turn(context, event.call_id, event.application_id, event.sequence, INELIGIBLE)


async def on_milestone(context: Context, event: MilestoneReached) -> None:
    command = MILESTONES.get(event.kind)
    if command is not None:
        await command(context, event.subject_id, event.due_at)


HANDLERS: Handlers = {
    CallPublished: keep_call,
    CallExtended: extend_call,
    CallClosed: close_call,
    ScreeningCompleted: complete_screening,
    ApplicationSubmitted: on_submitted,
    ApplicationFoundEligible: open_case,
    ApplicationFoundIneligible: on_ineligible,
    ApplicationWithdrawn: withdraw_case,
    MilestoneReached: on_milestone,
    FundsReleased: release_funds,
    VoucherNotFunded: return_case,
}
