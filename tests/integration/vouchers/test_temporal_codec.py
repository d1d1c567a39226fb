"""What Temporal stores: inputs, results and failures are encrypted, with keys that it has not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RetryPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker

from deploy.embedded.servers import Temporal
from services.vouchers.temporal import ENCRYPTED, EncryptingCodec, connect, data_converter
from shared.database.sealing import SealBroken, Sealer
from shared.kernel.ids import new_id
from tests.support.desk import SEALING

NAME, FAULT, QUEUE = "Marker Studio Ltd", "a fault that quotes a marker", "codec"


@activity.defn
async def greet(name: str) -> str:
    if name == FAULT:
        raise ValueError(FAULT)
    return name.upper()


@workflow.defn
class Greeting:
    """Its input, an activity's result or failure, and its own result or failure are payloads."""

    @workflow.run
    async def run(self, name: str) -> str:
        retries = RetryPolicy(maximum_attempts=1)
        return await workflow.execute_local_activity(greet, name, start_to_close_timeout=timedelta(seconds=5), retry_policy=retries)


@asynccontextmanager
async def greeting(client: Client) -> AsyncIterator[None]:
    async with Worker(client, task_queue=QUEUE, workflows=[Greeting], activities=[greet], workflow_runner=UnsandboxedWorkflowRunner()):
        yield


async def greeted(client: Client) -> str:
    """The id of a workflow that has greeted NAME; another one has failed."""
    identity = str(new_id())
    async with greeting(client):
        assert await client.execute_workflow(Greeting.run, NAME, id=identity, task_queue=QUEUE) == NAME.upper()
        with pytest.raises(WorkflowFailureError) as failed:
            await client.execute_workflow(Greeting.run, FAULT, id=str(new_id()), task_queue=QUEUE)
    assert FAULT in str(failed.value.__cause__)  # who has the keys reads the fault
    return identity


def stored(server: Temporal, marker: str) -> bool:
    files = [path for path in Path(server.folder).rglob("*") if path.is_file()]
    assert files
    return any(marker.encode() in path.read_bytes() for path in files)


async def test_temporal_stores_no_input_result_or_failure_in_clear(temporal_server: Temporal) -> None:
    await greeted(await connect(temporal_server.address, temporal_server.namespace, SEALING, lazy=False))
    assert [marker for marker in (NAME, NAME.upper(), FAULT) if stored(temporal_server, marker)] == []


async def test_encrypted_history_replays_with_its_key_only(temporal_server: Temporal) -> None:
    client = await connect(temporal_server.address, temporal_server.namespace, SEALING, lazy=False)
    history = await client.get_workflow_handle(await greeted(client)).fetch_history()
    for keys, readable in (([bytes(32)], True), ([b"\x01" * 32, bytes(32)], True), ([b"\x01" * 32], False)):
        replayer = Replayer(workflows=[Greeting], data_converter=data_converter(Sealer(keys)), workflow_runner=UnsandboxedWorkflowRunner())
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        assert (result.replay_failure is None) == readable, keys


async def test_payload_in_clear_is_read_and_a_changed_one_refused() -> None:
    codec = EncryptingCodec(SEALING)
    [clear] = await pydantic_data_converter.encode([NAME])
    assert await codec.decode([clear]) == [clear]
    [sealed] = await codec.encode([clear])
    assert (sealed.metadata["encoding"], NAME.encode() in sealed.SerializeToString()) == (ENCRYPTED, False)
    assert sealed.metadata["key-id"] != (await EncryptingCodec(Sealer([b"\x01" * 32])).encode([clear]))[0].metadata["key-id"]
    changed = Payload(metadata=sealed.metadata, data=sealed.data[:-1] + bytes([sealed.data[-1] ^ 1]))
    with pytest.raises(SealBroken):
        await codec.decode([changed])
