"""The bare workflow; in a module of its own, since Temporal's sandbox imports the module again for each run."""

from datetime import timedelta

from temporalio import workflow


@workflow.defn
class BareLifecycle:
    """The same number of local activities and signals as a declined lifecycle: two steps, an answer from outside, two steps."""

    def __init__(self) -> None:
        self.received = 0

    @workflow.run
    async def run(self) -> None:
        for step, after in ((1, 0), (2, 1), (3, 2), (4, 3)):
            await workflow.wait_condition(lambda after=after: self.received >= after)  # type: ignore[misc]
            await workflow.execute_local_activity("write_two_rows", step, start_to_close_timeout=timedelta(seconds=30))

    @workflow.signal
    def receive(self) -> None:
        self.received += 1
