"""The daily look at the cases of a region: announces that those whose term is over may lose their content."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from services.vouchers.deadlines.workflows.models import RetentionInput
    from services.vouchers.deadlines.workflows.steps import DeadlineSteps
    from services.vouchers.workflows.timing import run_activity


@workflow.defn
class Retention:
    """One run of the region's schedule. Which cases are due is decided where the cases are."""

    @workflow.run
    async def run(self, retention: RetentionInput) -> None:
        await run_activity(DeadlineSteps.announce_retention, retention)
