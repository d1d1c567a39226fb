"""The calendar of a call: each of its dates is announced when it has come."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from services.vouchers.workflows.models import Calendar, Look, Next
    from services.vouchers.workflows.timing import in_our_database, programme_now, wait


@workflow.defn
class CallCalendar:
    """The dates are rows, so that an extension or the approval of a ranking changes them in one place; a signal says: look again."""

    @workflow.init
    def __init__(self, calendar: Calendar) -> None:
        self.signals = self.seen = 0

    @workflow.run
    async def run(self, calendar: Calendar) -> None:
        while True:
            self.seen = self.signals
            look = Look(subject_id=calendar.call_id, kind="calendar", at=programme_now(calendar.clock))
            following = await in_our_database("announce_call_dates", look, Next)
            if following.look_at is None and self.signals == self.seen:
                return
            await wait(calendar.clock, lambda: self.signals > self.seen, following.look_at)

    @workflow.signal
    def changed(self) -> None:
        self.signals += 1
