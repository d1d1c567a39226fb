"""The bare workflow; by itself, since Temporal's sandbox imports its module anew for each."""

from datetime import timedelta

from temporalio import workflow


@workflow.defn
class BareLifecycle:
    """As many local activities and signals as a lifecycle that is declined: two steps, an answer from outside, two steps."""

    def __init__(self) -> None:
        self.heard = 0

    @workflow.run
    async def run(self) -> None:
        for step, after in ((1, 0), (2, 1), (3, 2), (4, 3)):
            await workflow.wait_condition(lambda after=after: self.heard >= after)  # type: ignore[misc]
            await workflow.execute_local_activity("write_two_rows", step, start_to_close_timeout=timedelta(seconds=30))

    @workflow.signal
    def hear(self) -> None:
        self.heard += 1
