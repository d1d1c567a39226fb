"""Which handler consumes which event: commands that record it, signals to the voucher's workflow, and deadlines.

A workflow is signalled before the inbox commits, at once with those of the other events of its batch, and again when the event is
retried. The workflow ignores repetitions, and the row that it then reads stays locked until the event's effect is committed.
"""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from services.vouchers.commands.record_aid_reply import record_aid_reply
from services.vouchers.commands.record_claim import record_claim
from services.vouchers.commands.record_deposit import record_deposit
from services.vouchers.commands.record_late_signal import record_late_signal
from services.vouchers.commands.record_payment import record_payment
from services.vouchers.commands.record_reply import record_reply
from services.vouchers.commands.record_settlement import record_settlement
from services.vouchers.commands.record_value_changed import record_value_changed, record_value_refused
from services.vouchers.commands.register_award import register_award
from services.vouchers.commands.remove_case import remove_case
from services.vouchers.deadlines.handlers import DeadlineHandlers
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.queries.vouchers import answered_awards, read_reported_voucher
from services.vouchers.steps.capacity import supply_capacity
from services.vouchers.workflows.models import Signal, SignalKind
from shared.contracts import aid, applications, corrections, evaluation, payments, vouchers
from shared.contracts.common import VoucherEvent
from shared.contracts.scheme_files import keep_scheme_file
from shared.messaging.acts import record_act
from shared.messaging.context import Context
from shared.messaging.inbox import Handler, Handlers

SIGNAL_KINDS: Mapping[type[VoucherEvent], SignalKind] = MappingProxyType(
    {
        payments.FundsReserved: SignalKind.RESERVED,
        payments.FundsReservationRefused: SignalKind.NOT_RESERVED,
        aid.AidReserved: SignalKind.RESERVED,
        aid.AidReservationRefused: SignalKind.NOT_RESERVED,
        payments.FundsCommitted: SignalKind.COMMITTED,
        payments.FundsReleased: SignalKind.RELEASED,
        payments.VoucherSettled: SignalKind.SETTLED,
        payments.DepositReceived: SignalKind.DEPOSITED,
        vouchers.VoucherAccepted: SignalKind.ACCEPTED,
        vouchers.OfferDeclined: SignalKind.DECLINED,
        vouchers.VoucherExtended: SignalKind.EXTENDED,
        vouchers.VoucherSuspended: SignalKind.SUSPENDED,
        vouchers.VoucherResumed: SignalKind.RESUMED,
        vouchers.VoucherWithdrawn: SignalKind.WITHDRAWN,
        vouchers.VoucherRevoked: SignalKind.REVOKED,
        vouchers.AttendanceRecorded: SignalKind.ATTENDED,
    }
)
"""Events that the voucher's workflow gets as signals: replies of payments, and acts of people. The row holds them already."""
REPLIES = (payments.FundsReserved, payments.FundsReservationRefused, payments.FundsCommitted, payments.FundsReleased)


def handlers(lifecycles: Lifecycles) -> Handlers:
    """The dispatch table."""
    lifecycle, deadlines = LifecycleHandlers(lifecycles), DeadlineHandlers(lifecycles)
    return {
        evaluation.AwardGranted: lifecycle.start,
        **dict.fromkeys((applications.ApplicantJoined, applications.ApplicantMemberRecorded, evaluation.EvaluatorAssigned), record_act),
        **dict.fromkeys(SIGNAL_KINDS, lifecycle.signal),
        **dict.fromkeys(REPLIES, in_turn(record_reply, lifecycle.signal)),
        **dict.fromkeys((aid.AidReserved, aid.AidReservationRefused), in_turn(record_aid_reply, lifecycle.signal)),
        vouchers.CapacityConfirmed: lifecycle.wake,
        payments.DepositReceived: in_turn(record_deposit, lifecycle.signal),
        payments.VoucherValueChanged: record_value_changed,
        payments.VoucherValueRefused: record_value_refused,
        payments.VoucherSettled: in_turn(record_settlement, lifecycle.signal),
        payments.ClaimLodged: in_turn(record_claim, deadlines.start_claim_check),
        payments.ClaimAccepted: deadlines.end_claim_check,
        payments.ClaimReturned: deadlines.start_claim_correction,
        payments.ClaimReplaced: deadlines.end_claim_correction,
        payments.ClaimRejected: in_turn(deadlines.end_claim_check, deadlines.end_claim_correction),
        payments.BatchSent: deadlines.start_bank_silence,
        payments.DisbursementAccepted: deadlines.end_bank_silence,
        payments.DisbursementRejected: deadlines.end_bank_silence,
        payments.DisbursementPaid: in_turn(record_payment, deadlines.end_bank_silence),
        payments.DisbursementReturned: record_payment,
        corrections.DisbursementCorrected: record_payment,
        applications.CaseRemoved: remove_case,
        applications.SchemeFilePublished: keep_scheme_file,
        applications.CallPublished: in_turn(deadlines.start_calendar, supply_capacity),
        applications.CallExtended: deadlines.move_calendar,
        evaluation.RankingApproved: deadlines.start_appeals,
        applications.ApplicationReturned: deadlines.start_repair,
        applications.ApplicationSubmitted: deadlines.end_repair,
        applications.ApplicationFoundEligible: deadlines.end_repair,
        applications.ApplicationFoundIneligible: deadlines.end_repair,
        applications.ApplicationWithdrawn: deadlines.end_repair,
    }


class LifecycleHandlers:
    def __init__(self, lifecycles: Lifecycles) -> None:
        self.lifecycles = lifecycles

    async def start(self, context: Context, event: evaluation.AwardGranted) -> None:
        """Registers the award. The workflow waits for that, and writes the voucher's row in its first step, so that no voucher is without
        an award, or without a workflow."""
        await register_award(context, event)
        start = partial(self.lifecycles.start_voucher, event.award_id, event.region)
        await context.call_outside(voucher_workflow(event.award_id), start)

    async def wake(self, context: Context, event: vouchers.CapacityConfirmed) -> None:
        """Our own event: the awards that waited for it have their answer in their rows."""
        assert context.event_id is not None, "a handler is called for an event"
        signal = Signal(event_id=context.event_id, kind=SignalKind.RESERVED)
        for award_id in await answered_awards(context, event.call_id):
            await context.call_outside(voucher_workflow(award_id), partial(self.lifecycles.signal_voucher, award_id, signal))

    async def signal(self, context: Context, event: VoucherEvent) -> None:
        """Signals the voucher's workflow; records the signal when the workflow has ended. `NotYet` when the voucher is not known;
        `Contradiction` when the event is about another case."""
        assert context.event_id is not None, "a handler is called for an event"
        voucher = await read_reported_voucher(context, event)
        signal = Signal(event_id=context.event_id, kind=SIGNAL_KINDS[type(event)])
        workflow_id = voucher_workflow(voucher.award_id)

        async def deliver() -> None:
            if not await self.lifecycles.signal_voucher(voucher.award_id, signal):
                await record_late_signal(context, workflow_id, signal)

        await context.call_outside(workflow_id, deliver)


def in_turn(*handlers: Handler) -> Handler:
    """One handler that calls several, in this order and in one transaction."""

    async def handle(context: Context, event: Any) -> None:
        for handler in handlers:
            await handler(context, event)

    return handle
