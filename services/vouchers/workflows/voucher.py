"""The lifecycle of a voucher, from the award to the end."""

from collections import deque
from collections.abc import Awaitable, Callable
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from services.vouchers.domain.stages import Stage, VoucherStatus, status_of
    from services.vouchers.workflows.models import LifecycleInput, Position, Signal, SignalKind, Step
    from services.vouchers.workflows.steps import VoucherSteps
    from services.vouchers.workflows.timing import programme_now, run_activity, wait

_KEPT_EVENT_IDS = 200
"""Event ids that are kept to recognise a repetition: more than a lifecycle gets signals, and bounded."""


@workflow.defn
class VoucherLifecycle:
    """Waits for people and for payments. After each signal, and when a time has come, the voucher's row says what is next."""

    @workflow.init
    def __init__(self, award: LifecycleInput) -> None:
        self.award = award
        self.position = Position(stage=Stage.REQUESTED)
        self.steps = 0
        self.received: set[SignalKind] = set()
        self.signals = self.considered = 0
        self.event_ids: deque[UUID] = deque(maxlen=_KEPT_EVENT_IDS)

    @workflow.run
    async def run(self, award: LifecycleInput) -> Position:
        await self.run_step(VoucherSteps.request_reservation)
        await self.wait_for_reply(SignalKind.RESERVED, SignalKind.NOT_RESERVED)
        if SignalKind.NOT_RESERVED in self.received:
            return await self.run_step(VoucherSteps.close_voucher)

        await self.run_step(VoucherSteps.send_offer)
        await self.stay_in(Stage.OFFERED)  # reminders; then accepted, declined, lapsed, withdrawn or revoked
        while self.position.stage is Stage.ACCEPTED:
            await self.wait_for_reply(SignalKind.COMMITTED, SignalKind.WITHDRAWN, SignalKind.REVOKED)
            await self.run_step(VoucherSteps.issue_voucher)  # not if it was withdrawn or revoked first
        await self.stay_in(Stage.ISSUED)  # extensions, suspensions; then the end of validity, or an early one
        await self.stay_in(Stage.CLAIMING)

        if self.position.stage is Stage.RELEASING:
            await self.wait_for_reply(SignalKind.RELEASED, SignalKind.SETTLED)
        else:
            await self.wait_for_reply(SignalKind.SETTLED)
        return await self.run_step(VoucherSteps.close_voucher)

    async def stay_in(self, stage: Stage) -> None:
        """Reviews the row after each signal and at each due instant, until the voucher leaves this stage."""
        while self.position.stage is stage:
            await wait(self.award.clock, lambda: self.signals > self.considered, self.position.wake_at)
            await self.run_step(VoucherSteps.review_voucher)

    async def wait_for_reply(self, *awaited: SignalKind) -> None:
        """Returns when payments has replied, however long it takes: a missing reply is an outage to report, never a decision."""
        while not await wait(self.award.clock, lambda: not self.received.isdisjoint(awaited), self.position.wake_at):
            await self.run_step(VoucherSteps.review_voucher)  # announces answer-overdue, once

    async def run_step(self, activity: Callable[[VoucherSteps, Step], Awaitable[Position]]) -> Position:
        self.considered = self.signals
        self.steps += 1
        step = Step(award=self.award, number=self.steps, at=programme_now(self.award.clock))
        self.position = await run_activity(activity, step)
        return self.position

    @workflow.signal(name="heard")  # wire name
    def on_signal(self, signal: Signal) -> None:
        """Early, late and repeated signals do no harm: replies are kept until they are awaited, all others cause one review.

        Recorded histories have the signal under its old name.
        """
        if signal.event_id in self.event_ids:
            return
        self.event_ids.append(signal.event_id)
        self.received.add(signal.kind)
        self.signals += 1

    @workflow.query
    def status(self) -> VoucherStatus:
        """The stage, who acts next, until when, and since when payments is overdue."""
        return status_of(self.position.stage, self.position.until, self.position.suspended, self.position.overdue_since)
