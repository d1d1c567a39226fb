"""One deadline: announced when it has come, unless what it waits for came first."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from services.vouchers.workflows.models import Deadline, Look, Next
    from services.vouchers.workflows.timing import in_our_database, programme_now, wait


@workflow.defn
class Milestone:
    """The row says until when, or that it is over; a signal says: look again."""

    @workflow.init
    def __init__(self, deadline: Deadline) -> None:
        self.signals = self.seen = 0

    @workflow.run
    async def run(self, deadline: Deadline) -> None:
        while True:
            self.seen = self.signals
            look = Look(subject_id=deadline.subject_id, kind=deadline.kind, at=programme_now(deadline.clock))
            following = await in_our_database("reach_milestone", look, Next)
            if following.look_at is None and self.signals == self.seen:
                return
            await wait(deadline.clock, lambda: self.signals > self.seen, following.look_at)

    @workflow.signal
    def changed(self) -> None:
        self.signals += 1
