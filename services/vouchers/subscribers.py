"""What `vouchers` does when others, or it itself, tell it something: a command, and news for a workflow.

News go out before the inbox commits, and again when it is tried once more: workflows take repetitions quietly, and what they
then read in the database is locked until the event has taken effect.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.vouchers.commands.await_bank import bank_answered, batch_sent
from services.vouchers.commands.plan_call import move_call_dates, plan_appeals, plan_call
from services.vouchers.commands.record_late_news import record_late_news
from services.vouchers.commands.record_payments import record_claim, record_payment, record_settlement
from services.vouchers.commands.set_milestone import end_milestone, set_milestone
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.queries.vouchers import call_of, voucher_of
from services.vouchers.workflows.models import Award, Calendar, Deadline, Heard, News
from shared.contracts import applications, evaluation, payments, vouchers
from shared.contracts.common import VoucherEvent
from shared.kernel.clock import ProgrammeClock
from shared.kernel.ids import derive_id
from shared.messaging.context import Context
from shared.messaging.inbox import Handlers

Record = Callable[[Context, Any], Awaitable[object]]

REPAIR, CLAIM_CHECK, BANK_SILENCE = "repair-ends", "claim-check-due", "bank-silence"

HEARD: dict[type[VoucherEvent], Heard] = {
    payments.FundsReserved: Heard.RESERVED,
    payments.FundsReservationRefused: Heard.NOT_RESERVED,
    payments.FundsCommitted: Heard.COMMITTED,
    payments.FundsReleased: Heard.RELEASED,
    vouchers.VoucherAccepted: Heard.ACCEPTED,
    vouchers.OfferDeclined: Heard.DECLINED,
    vouchers.VoucherExtended: Heard.EXTENDED,
    vouchers.VoucherSuspended: Heard.SUSPENDED,
    vouchers.VoucherResumed: Heard.RESUMED,
    vouchers.VoucherWithdrawn: Heard.WITHDRAWN,
    vouchers.VoucherRevoked: Heard.REVOKED,
}
"""Events that a lifecycle is only told of: payments' answers, and what people did to the voucher, which its row holds already."""


def handlers(lifecycles: Lifecycles, clock: ProgrammeClock) -> Handlers:
    """All reactions of the service. `clock` is given to every workflow that starts."""
    reactions = _Reactions(lifecycles, clock)
    return {
        **{contract: reactions.news(heard) for contract, heard in HEARD.items()},
        payments.VoucherSettled: reactions.news(Heard.SETTLED, record_settlement),
        payments.DisbursementPaid: reactions.paid,
        payments.DisbursementReturned: reactions.returned,
        payments.DisbursementAccepted: reactions.bank_answered,
        payments.DisbursementRejected: reactions.bank_answered,
        payments.BatchSent: reactions.batch_sent,
        payments.ClaimLodged: reactions.claim_lodged,
        payments.ClaimAccepted: reactions.claim_checked,
        payments.ClaimRejected: reactions.claim_checked,
        evaluation.AwardGranted: reactions.award_granted,
        evaluation.RankingApproved: reactions.ranking_approved,
        applications.CallPublished: reactions.call_published,
        applications.CallExtended: reactions.call_extended,
        applications.ApplicationReturned: reactions.application_returned,
        applications.ApplicationSubmitted: reactions.repair_over,
        applications.ApplicationFoundEligible: reactions.repair_over,
        applications.ApplicationFoundIneligible: reactions.repair_over,
        applications.ApplicationWithdrawn: reactions.repair_over,
    }


class _Reactions:
    def __init__(self, lifecycles: Lifecycles, clock: ProgrammeClock) -> None:
        self.lifecycles, self.clock = lifecycles, clock

    def news(self, heard: Heard, record: Record | None = None) -> Any:
        """A handler that records the event, if there is anything to record, and tells the voucher's lifecycle."""

        async def tell(context: Context, event: VoucherEvent) -> None:
            voucher = await voucher_of(context, event.voucher_id)
            if record is not None:
                await record(context, event)
            news = News(event_id=_event_id(context), heard=heard)
            if not await self.lifecycles.tell_voucher(voucher.award_id, news):
                await record_late_news(context, voucher_workflow(voucher.award_id), news)

        return tell

    async def award_granted(self, context: Context, event: evaluation.AwardGranted) -> None:
        """The lifecycle makes the row in its first step, so that there is no voucher without one."""
        fields = event.model_dump(include=set(Award.model_fields))
        await self.lifecycles.start_voucher(Award(voucher_id=derive_id(event.award_id, "voucher"), clock=self.clock, **fields))

    async def claim_lodged(self, context: Context, event: payments.ClaimLodged) -> None:
        voucher = await voucher_of(context, event.voucher_id)
        await record_claim(context, event)
        await self._set(context, event.claim_id, CLAIM_CHECK, event.application_id, event.region, voucher.policy_id, event.check_by)

    async def claim_checked(self, context: Context, event: payments.ClaimEvent) -> None:
        await self._end(context, event.claim_id, CLAIM_CHECK)

    async def batch_sent(self, context: Context, event: payments.BatchSent) -> None:
        """Set also where all answers were heard before: an earlier try, undone since, may have left a workflow that asks for the row."""
        complete = await batch_sent(context, event.batch_id, event.disbursement_ids)
        await self._set(context, event.batch_id, BANK_SILENCE, event.batch_id, event.region, "", event.answer_by)
        if complete:
            await self._end(context, event.batch_id, BANK_SILENCE)

    async def bank_answered(self, context: Context, event: Any) -> None:
        if await bank_answered(context, event.batch_id, event.disbursement_id):
            await self._end(context, event.batch_id, BANK_SILENCE)

    async def paid(self, context: Context, event: payments.DisbursementPaid) -> None:
        await voucher_of(context, event.voucher_id)
        await record_payment(context, event)
        await self.bank_answered(context, event)

    async def returned(self, context: Context, event: payments.DisbursementReturned) -> None:
        await voucher_of(context, event.voucher_id)
        await record_payment(context, event)

    async def call_published(self, context: Context, event: applications.CallPublished) -> None:
        await plan_call(context, event)
        fields = event.model_dump(include=set(Calendar.model_fields))
        await self.lifecycles.start_calendar(Calendar(clock=self.clock, **fields))

    async def call_extended(self, context: Context, event: applications.CallExtended) -> None:
        await move_call_dates(context, event)
        await self.lifecycles.tell_calendar(event.call_id)

    async def ranking_approved(self, context: Context, event: evaluation.RankingApproved) -> None:
        await plan_appeals(context, event)
        await self.lifecycles.tell_calendar(event.call_id)

    async def application_returned(self, context: Context, event: applications.ApplicationReturned) -> None:
        call = await call_of(context, event.call_id)
        application, policy = event.application_id, call.policy_id
        await self._set(context, application, REPAIR, application, event.region, policy, event.repair_by, context.happened_at)

    async def repair_over(self, context: Context, event: Any) -> None:
        await self._end(context, event.application_id, REPAIR)

    async def _set(
        self,
        context: Context,
        subject: UUID,
        kind: str,
        case: UUID,
        region: str,
        policy_id: str,
        due_at: datetime,
        set_at: datetime | None = None,
    ) -> None:
        deadline = Deadline(subject_id=subject, kind=kind, region=region, policy_id=policy_id, clock=self.clock)
        await set_milestone(context, deadline, case_id=case, due_at=due_at, set_at=set_at)
        await self.lifecycles.start_milestone(deadline)

    async def _end(self, context: Context, subject_id: UUID, kind: str) -> None:
        if await end_milestone(context, subject_id, kind) is not None:
            await self.lifecycles.tell_milestone(subject_id, kind)


def _event_id(context: Context) -> UUID:
    assert context.event_id is not None, "a handler is called for an event"
    return context.event_id
