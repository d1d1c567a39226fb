"""What is measured of the workflows: by Temporal's own counts of each region's task queue."""

from datetime import timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from services.vouchers.temporal import task_queue
from shared.policy.resolver import PolicyBook
from shared.telemetry.measured import WORKFLOW_BACKLOG, WORKFLOW_BACKLOG_AGE, WORKFLOW_WORKERS, Measurement

_ANSWER = timedelta(seconds=2)


class MeasuredWorkflows:
    """Of all regions, also where no worker of a region runs: that is what its backlog shows."""

    def __init__(self, client: Client, policies: PolicyBook) -> None:
        self.client, self.regions = client, sorted({policy.region for policy in policies.all()})

    async def backlog(self) -> list[Measurement]:
        return [one for region in self.regions for one in await self._of(region)]

    async def _of(self, region: str) -> list[Measurement]:
        request = DescribeTaskQueueRequest(
            namespace=self.client.namespace,
            task_queue=TaskQueue(name=task_queue(region)),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            report_stats=True,
        )
        answer = await self.client.workflow_service.describe_task_queue(request, timeout=_ANSWER)
        labels, age = {"region": region}, answer.stats.approximate_backlog_age.ToTimedelta().total_seconds()
        return [
            Measurement(WORKFLOW_BACKLOG, answer.stats.approximate_backlog_count, labels),
            Measurement(WORKFLOW_BACKLOG_AGE, age, labels),
            Measurement(WORKFLOW_WORKERS, len({poller.identity for poller in answer.pollers}), labels),
        ]
