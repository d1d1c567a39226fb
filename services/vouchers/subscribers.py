"""What `vouchers` does when others, or it itself, tell it something: a command, and news for a workflow.

News go out before the inbox commits, and again when it is tried once more: workflows take repetitions quietly, and what they
then read in the database is locked until the event has taken effect.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.vouchers.commands.await_bank import bank_answered, batch_sent
from services.vouchers.commands.plan_call import move_call_dates, plan_appeals, plan_call
from services.vouchers.commands.record_late_news import record_late_news
from services.vouchers.commands.record_payments import record_claim, record_payment, record_settlement
from services.vouchers.commands.set_milestone import end_milestone, set_milestone
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.queries import call_of, voucher_of
from services.vouchers.workflows.models import Award, Calendar, Deadline, Heard, News
from shared.contracts import applications, evaluation, payments, vouchers
from shared.contracts.common import VoucherEvent
from shared.kernel.clock import ProgrammeClock
from shared.kernel.ids import derive_id
from shared.messaging.cause import Cause
from shared.messaging.inbox import Handlers
from shared.policy.resolver import PolicyBook

Record = Callable[[AsyncSession, Cause, Any], Awaitable[object]]

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


def handlers(lifecycles: Lifecycles, clock: ProgrammeClock, book: PolicyBook) -> Handlers:
    """All reactions of the service. `clock` is given to every workflow that starts."""
    reactions = _Reactions(lifecycles, clock, book)
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
    def __init__(self, lifecycles: Lifecycles, clock: ProgrammeClock, book: PolicyBook) -> None:
        self.lifecycles, self.clock, self.book = lifecycles, clock, book

    def news(self, heard: Heard, record: Record | None = None) -> Any:
        """A handler that records the event, if there is anything to record, and tells the voucher's lifecycle."""

        async def tell(session: AsyncSession, event: VoucherEvent, cause: Cause) -> None:
            voucher = await voucher_of(session, event.voucher_id)
            if record is not None:
                await record(session, cause, event)
            news = News(event_id=_event_id(cause), heard=heard)
            if not await self.lifecycles.tell_voucher(voucher.award_id, news):
                await record_late_news(session, voucher_workflow(voucher.award_id), news)

        return tell

    async def award_granted(self, session: AsyncSession, event: evaluation.AwardGranted, cause: Cause) -> None:
        """The lifecycle makes the row in its first step, so that there is no voucher without one."""
        fields = event.model_dump(include=set(Award.model_fields))
        await self.lifecycles.start_voucher(Award(voucher_id=derive_id(event.award_id, "voucher"), clock=self.clock, **fields))

    async def claim_lodged(self, session: AsyncSession, event: payments.ClaimLodged, cause: Cause) -> None:
        voucher = await voucher_of(session, event.voucher_id)
        await record_claim(session, cause, event)
        await self._set(session, event.claim_id, CLAIM_CHECK, event.application_id, event.region, voucher.policy_id, event.check_by)

    async def claim_checked(self, session: AsyncSession, event: payments.ClaimEvent, cause: Cause) -> None:
        await self._end(session, cause, event.claim_id, CLAIM_CHECK)

    async def batch_sent(self, session: AsyncSession, event: payments.BatchSent, cause: Cause) -> None:
        """Set also where all answers were heard before: an earlier try, undone since, may have left a workflow that asks for the row."""
        complete = await batch_sent(session, event.batch_id, event.disbursement_ids)
        await self._set(session, event.batch_id, BANK_SILENCE, event.batch_id, event.region, "", event.answer_by)
        if complete:
            await self._end(session, cause, event.batch_id, BANK_SILENCE)

    async def bank_answered(self, session: AsyncSession, event: Any, cause: Cause) -> None:
        if await bank_answered(session, event.batch_id, event.disbursement_id):
            await self._end(session, cause, event.batch_id, BANK_SILENCE)

    async def paid(self, session: AsyncSession, event: payments.DisbursementPaid, cause: Cause) -> None:
        await voucher_of(session, event.voucher_id)
        await record_payment(session, cause, event)
        await self.bank_answered(session, event, cause)

    async def returned(self, session: AsyncSession, event: payments.DisbursementReturned, cause: Cause) -> None:
        await voucher_of(session, event.voucher_id)
        await record_payment(session, cause, event)

    async def call_published(self, session: AsyncSession, event: applications.CallPublished, cause: Cause) -> None:
        await plan_call(session, cause, event)
        fields = event.model_dump(include=set(Calendar.model_fields))
        await self.lifecycles.start_calendar(Calendar(clock=self.clock, **fields))

    async def call_extended(self, session: AsyncSession, event: applications.CallExtended, cause: Cause) -> None:
        await move_call_dates(session, cause, event)
        await self.lifecycles.tell_calendar(event.call_id)

    async def ranking_approved(self, session: AsyncSession, event: evaluation.RankingApproved, cause: Cause) -> None:
        await plan_appeals(session, cause, self.book, event)
        await self.lifecycles.tell_calendar(event.call_id)

    async def application_returned(self, session: AsyncSession, event: applications.ApplicationReturned, cause: Cause) -> None:
        call = await call_of(session, event.call_id)
        application, policy = event.application_id, call.policy_id
        await self._set(session, application, REPAIR, application, event.region, policy, event.repair_by, cause.happened_at)

    async def repair_over(self, session: AsyncSession, event: Any, cause: Cause) -> None:
        await self._end(session, cause, event.application_id, REPAIR)

    async def _set(
        self,
        session: AsyncSession,
        subject: UUID,
        kind: str,
        case: UUID,
        region: str,
        policy_id: str,
        due_at: datetime,
        set_at: datetime | None = None,
    ) -> None:
        deadline = Deadline(subject_id=subject, kind=kind, region=region, policy_id=policy_id, clock=self.clock)
        await set_milestone(session, deadline, case_id=case, due_at=due_at, set_at=set_at)
        await self.lifecycles.start_milestone(deadline)

    async def _end(self, session: AsyncSession, cause: Cause, subject_id: UUID, kind: str) -> None:
        if await end_milestone(session, cause, subject_id, kind) is not None:
            await self.lifecycles.tell_milestone(subject_id, kind)


def _event_id(cause: Cause) -> UUID:
    assert cause.event_id is not None, "a handler is called for an event"
    return cause.event_id
