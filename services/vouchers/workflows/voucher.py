"""The lifecycle of a voucher, from the award to the end."""

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from services.vouchers.domain.stages import Stage, VoucherStatus, status_of
    from services.vouchers.workflows.models import LifecycleInput, Position, Signal, SignalKind, Step
    from services.vouchers.workflows.steps import VoucherSteps
    from services.vouchers.workflows.timing import Alarm, run_activity, time_left, wait

_KEPT_EVENT_IDS = 200
"""Event ids that are kept to recognise a repetition: more than a lifecycle gets signals, and bounded."""


@workflow.defn
class VoucherLifecycle:
    """Waits for people and for payments. After each signal, and when a time has come, the voucher's row says what is next."""

    @workflow.init
    def __init__(self, award: LifecycleInput) -> None:
        self.award = award
        self.position = Position(stage=Stage.REQUESTED)
        self.alarm = Alarm()
        self.steps = 0
        self.received: set[SignalKind] = set()
        self.signals = self.considered = 0
        self.event_ids: deque[UUID] = deque(maxlen=_KEPT_EVENT_IDS)

    @workflow.run
    async def run(self, award: LifecycleInput) -> Position:
        await self.run_step(VoucherSteps.request_reservation)
        while True:  # once; again only after a signal for a reply that the row does not hold
            reply = await self.wait_for_reply(SignalKind.NOT_RESERVED, SignalKind.RESERVED)
            next_step = VoucherSteps.close_voucher if reply is SignalKind.NOT_RESERVED else VoucherSteps.send_offer
            position = await self.run_step(next_step)
            if position.stage is Stage.CLOSED:
                return position
            if position.stage is not Stage.REQUESTED:
                break

        await self.stay_in(Stage.OFFERED)  # reminders; then accepted, declined, lapsed, withdrawn or revoked
        while self.position.stage is Stage.ACCEPTED:
            await self.wait_for_reply(SignalKind.COMMITTED, SignalKind.WITHDRAWN, SignalKind.REVOKED)
            await self.run_step(VoucherSteps.issue_voucher)  # not if it was withdrawn or revoked first
        await self.stay_in(Stage.ISSUED)  # extensions, suspensions; then the end of validity, or an early one
        await self.stay_in(Stage.CLAIMING)

        releasing = self.position.stage is Stage.RELEASING
        while True:  # once, as above
            await self.wait_for_reply(*((SignalKind.RELEASED, SignalKind.SETTLED) if releasing else (SignalKind.SETTLED,)))
            position = await self.run_step(VoucherSteps.close_voucher)
            if position.stage is Stage.CLOSED:
                return position

    async def stay_in(self, stage: Stage) -> None:
        """Reviews the row after each signal and at each due instant, until the voucher leaves this stage."""
        while self.position.stage is stage:
            await self.wait(lambda: self.signals > self.considered)
            await self.run_step(VoucherSteps.review_voucher)

    async def wait_for_reply(self, *awaited: SignalKind) -> SignalKind:
        """The first of `awaited` that payments has given by the row, or that a signal speaks of, however long it takes: a missing reply is
        an outage to report, never a decision. A signal counts once. The next step reads the row, which alone knows whether the reply came:
        a signal may be forged, or its event rolled back.
        """

        def given() -> list[SignalKind]:
            return [kind for kind in awaited if kind in self.received or kind in self.position.replies]

        while not await self.wait(lambda: bool(given())):
            await self.run_step(VoucherSteps.review_voucher)  # announces answer-overdue, once
        reply = given()[0]
        self.received.difference_update(awaited)
        return reply

    async def wait(self, happened: Callable[[], bool]) -> bool:
        """True as soon as it has happened, False when the row is to be reviewed."""
        return await (self.alarm.wait if self.position.one_timer else wait)(happened, self.time_left)

    async def run_step(self, activity: Callable[[VoucherSteps, Step], Awaitable[Position]]) -> Position:
        self.considered = self.signals
        self.steps += 1
        self.position = await run_activity(activity, Step(award_id=self.award.award_id, number=self.steps))
        return self.position

    @property
    def time_left(self) -> timedelta | None:
        return time_left(self.award, self.position.wake_at, self.position.wake_in)

    @workflow.signal(name="heard")  # wire name
    def on_signal(self, signal: Signal) -> None:
        """Early, late and repeated signals do no harm: replies are kept until they are awaited, all others cause one review. A repeated
        reply is kept again, because its event may have been rolled back the first time.

        Recorded histories have the signal under its old name.
        """
        self.received.add(signal.kind)
        if signal.event_id in self.event_ids:
            return
        self.event_ids.append(signal.event_id)
        self.signals += 1

    @workflow.query
    def status(self) -> VoucherStatus:
        """The stage, who acts next, until when, and since when payments is overdue."""
        return status_of(self.position.stage, self.position.until, self.position.suspended, self.position.overdue_since)
