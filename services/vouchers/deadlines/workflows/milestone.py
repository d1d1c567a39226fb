"""One deadline: announces it when it has come, unless the awaited event came first."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from services.vouchers.deadlines.workflows.models import MilestoneCheck, MilestoneInput
    from services.vouchers.deadlines.workflows.steps import DeadlineSteps
    from services.vouchers.workflows.timing import run_activity, time_left, wait


@workflow.defn
class Milestone:
    """The row says until when, or that it is over. A signal means: check again."""

    @workflow.init
    def __init__(self, milestone: MilestoneInput) -> None:
        self.signals = self.considered = 0

    @workflow.run
    async def run(self, milestone: MilestoneInput) -> None:
        while True:
            self.considered = self.signals
            check = MilestoneCheck(subject_id=milestone.subject_id, kind=milestone.kind)
            following = await run_activity(DeadlineSteps.reach_milestone, check)
            if following.check_at is None and self.signals == self.considered:
                return
            await wait(lambda: self.signals > self.considered, time_left(milestone, following.check_at, following.wake_in))

    @workflow.signal
    def changed(self) -> None:
        self.signals += 1
