"""The life of a voucher, from the award to the end."""

from collections import deque
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from services.vouchers.domain.stages import Stage, Standing, standing_of
    from services.vouchers.workflows.models import Award, Heard, News, Position, Step
    from services.vouchers.workflows.timing import in_our_database, programme_now, wait

_REMEMBERED = 200
"""Event ids kept to know a repetition: more than any lifecycle hears, and bounded."""


@workflow.defn
class VoucherLifecycle:
    """Waits for people and for payments; after each piece of news, and when a time has come, the voucher's row says what is next."""

    @workflow.init
    def __init__(self, award: Award) -> None:
        self.award = award
        self.position = Position(stage=Stage.REQUESTED)
        self.steps = 0
        self.told: set[Heard] = set()
        self.news = self.considered = 0
        self.known: deque[UUID] = deque(maxlen=_REMEMBERED)

    @workflow.run
    async def run(self, award: Award) -> Position:
        await self.do("request_reservation")
        await self.hear(Heard.RESERVED, Heard.NOT_RESERVED)
        if Heard.NOT_RESERVED in self.told:
            return await self.do("close_voucher")

        await self.do("send_offer")
        await self.live_through(Stage.OFFERED)  # reminders; then accepted, declined, lapsed, withdrawn or revoked
        while self.position.stage is Stage.ACCEPTED:
            await self.hear(Heard.COMMITTED, Heard.WITHDRAWN, Heard.REVOKED)
            await self.do("issue_voucher")  # not if it was withdrawn or revoked first
        await self.live_through(Stage.ISSUED)  # extensions, suspensions; then the end of validity, or an early one
        await self.live_through(Stage.CLAIMING)

        if self.position.stage is Stage.RELEASING:
            await self.hear(Heard.RELEASED, Heard.SETTLED)
        else:
            await self.hear(Heard.SETTLED)
        return await self.do("close_voucher")

    async def live_through(self, stage: Stage) -> None:
        """Looks at the row again after all news and at each instant of its calendar, while it is in this stage."""
        while self.position.stage is stage:
            await wait(self.award.clock, lambda: self.news > self.considered, self.position.wake_at)
            await self.do("review_voucher")

    async def hear(self, *awaited: Heard) -> None:
        """Until payments has answered, however long it takes: its silence is an outage to be seen, never a decision taken."""
        while not await wait(self.award.clock, lambda: not self.told.isdisjoint(awaited), self.position.wake_at):
            await self.do("review_voucher")  # answer-overdue, once

    async def do(self, name: str) -> Position:
        self.considered = self.news
        self.steps += 1
        step = Step(award=self.award, number=self.steps, at=programme_now(self.award.clock))
        self.position = await in_our_database(name, step, Position)
        return self.position

    @workflow.signal
    def heard(self, news: News) -> None:
        """Early, late and repeated news do no harm: answers are kept until they are asked for, all else is only a reason to look."""
        if news.event_id in self.known:
            return
        self.known.append(news.event_id)
        self.told.add(news.heard)
        self.news += 1

    @workflow.query
    def standing(self) -> Standing:
        """The stage, who acts next, until when, and whether payments is overdue."""
        return standing_of(self.position.stage, self.position.until, self.position.suspended, self.position.overdue_since)
