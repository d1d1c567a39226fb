"""The calendar of a call: announces each of its dates when it has come."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from services.vouchers.deadlines.workflows.models import CallCalendarInput, DueCheck
    from services.vouchers.deadlines.workflows.steps import DeadlineSteps
    from services.vouchers.workflows.timing import run_activity, time_left, wait


@workflow.defn
class CallCalendar:
    """The dates are rows, so that an extension or the approval of a ranking changes them in one place. A signal means: check again."""

    @workflow.init
    def __init__(self, calendar: CallCalendarInput) -> None:
        self.signals = self.considered = 0

    @workflow.run
    async def run(self, calendar: CallCalendarInput) -> None:
        while True:
            self.considered = self.signals
            check = DueCheck(subject_id=calendar.call_id)
            following = await run_activity(DeadlineSteps.announce_call_dates, check)
            if following.check_at is None and self.signals == self.considered:
                return
            await wait(lambda: self.signals > self.considered, time_left(calendar, following.check_at, following.wake_in))

    @workflow.signal
    def changed(self) -> None:
        self.signals += 1
