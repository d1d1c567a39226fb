"""The handlers of events that set, move or end a deadline. `services/vouchers/subscribers.py` says which event goes to which.

A workflow is started or signalled before the inbox commits, and again when the event is retried. The workflow ignores repetitions,
and the rows that it then reads stay locked until the event's effect is committed.
"""

from datetime import datetime
from functools import partial
from uuid import UUID

from services.vouchers.deadlines.commands.end_milestone import end_milestone
from services.vouchers.deadlines.commands.move_call_dates import move_call_dates
from services.vouchers.deadlines.commands.plan_appeals import plan_appeals
from services.vouchers.deadlines.commands.plan_call import plan_call
from services.vouchers.deadlines.commands.record_bank_answer import record_bank_answer
from services.vouchers.deadlines.commands.record_batch_sent import record_batch_sent
from services.vouchers.deadlines.commands.set_milestone import Deadline, set_milestone
from services.vouchers.deadlines.queries.calendars import read_published_call
from services.vouchers.deadlines.timers import Timers, call_workflow, milestone_workflow
from services.vouchers.queries.vouchers import read_reported_voucher
from shared.contracts.applications import ApplicationEvent, ApplicationReturned, CallExtended, CallPublished
from shared.contracts.evaluation import RankingApproved
from shared.contracts.payments import (
    BatchSent,
    ClaimAccepted,
    ClaimLodged,
    ClaimRejected,
    ClaimReplaced,
    ClaimReturned,
    DisbursementAccepted,
    DisbursementPaid,
    DisbursementRejected,
)
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context
from shared.messaging.event import Event


class DeadlineHandlers:
    def __init__(self, timers: Timers) -> None:
        self.timers = timers

    async def start_calendar(self, context: Context, event: CallPublished) -> None:
        await plan_call(context, event)
        await context.call_outside(call_workflow(event.call_id), partial(self.timers.start_calendar, event.call_id, event.region))

    async def move_calendar(self, context: Context, event: CallExtended) -> None:
        await move_call_dates(context, event)
        await self._signal_calendar(context, event.call_id)

    async def start_appeals(self, context: Context, event: RankingApproved) -> None:
        await plan_appeals(context, event)
        await self._signal_calendar(context, event.call_id)

    async def start_repair(self, context: Context, event: ApplicationReturned) -> None:
        """An event from before the return, such as the first submission, must not end the repair: hence its time is kept."""
        call = await read_published_call(context, event)
        repair = Deadline(MilestoneKind.REPAIR_ENDS, event.application_id, event.application_id, event.region, call.policy_id)
        await self._start(context, repair, event.repair_by, context.happened_at)

    async def end_repair(self, context: Context, event: ApplicationEvent) -> None:
        await self._end(context, event, event.application_id, MilestoneKind.REPAIR_ENDS)

    async def start_claim_check(self, context: Context, event: ClaimLodged) -> None:
        voucher = await read_reported_voucher(context, event)
        check = Deadline(MilestoneKind.CLAIM_CHECK_DUE, event.claim_id, event.application_id, event.region, voucher.policy_id)
        await self._start(context, check, event.check_by)

    async def end_claim_check(self, context: Context, event: ClaimAccepted | ClaimRejected) -> None:
        await read_reported_voucher(context, event)
        await self._end(context, event, event.claim_id, MilestoneKind.CLAIM_CHECK_DUE)

    async def start_claim_correction(self, context: Context, event: ClaimReturned) -> None:
        """The check is over; the correction begins."""
        voucher = await read_reported_voucher(context, event)
        await self._end(context, event, event.claim_id, MilestoneKind.CLAIM_CHECK_DUE)
        correction = Deadline(MilestoneKind.CLAIM_CORRECTION_ENDS, event.claim_id, event.application_id, event.region, voucher.policy_id)
        await self._start(context, correction, event.correct_by)

    async def end_claim_correction(self, context: Context, event: ClaimReplaced | ClaimRejected) -> None:
        await read_reported_voucher(context, event)
        await self._end(context, event, event.claim_id, MilestoneKind.CLAIM_CORRECTION_ENDS)

    async def start_bank_silence(self, context: Context, event: BatchSent) -> None:
        """Set even when all answers arrived before: an earlier attempt, rolled back since, may have started a workflow that needs the
        row."""
        complete = await record_batch_sent(context, event)
        await self._start(context, Deadline(MilestoneKind.BANK_SILENCE, event.batch_id, event.batch_id, event.region, ""), event.answer_by)
        if complete:
            await self._end(context, event, event.batch_id, MilestoneKind.BANK_SILENCE)

    async def end_bank_silence(self, context: Context, event: DisbursementAccepted | DisbursementRejected | DisbursementPaid) -> None:
        """When the bank has answered on the whole batch."""
        await read_reported_voucher(context, event)
        if await record_bank_answer(context, event):
            await self._end(context, event, event.batch_id, MilestoneKind.BANK_SILENCE)

    async def _start(self, context: Context, deadline: Deadline, due_at: datetime, set_at: datetime | None = None) -> None:
        await set_milestone(context, deadline, due_at=due_at, set_at=set_at)
        start = partial(self.timers.start_milestone, deadline.subject_id, deadline.kind, deadline.region)
        await context.call_outside(milestone_workflow(deadline.subject_id, deadline.kind), start)

    async def _end(self, context: Context, event: Event, subject_id: UUID, kind: MilestoneKind) -> None:
        if await end_milestone(context, event, subject_id, kind):
            await context.call_outside(milestone_workflow(subject_id, kind), partial(self.timers.signal_milestone, subject_id, kind))

    async def _signal_calendar(self, context: Context, call_id: UUID) -> None:
        await context.call_outside(call_workflow(call_id), partial(self.timers.signal_calendar, call_id))
