"""The service's own processes, on a real Temporal and a real broker; one of them is ended during a lifecycle."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from aiokafka import AIOKafkaProducer

from deploy.embedded.ports import LOOPBACK, free_port
from deploy.embedded.process import Process
from deploy.embedded.servers import Temporal, http_ok
from services.vouchers.domain.stages import Stage
from services.vouchers.lifecycles import Lifecycles
from services.vouchers.tables import VoucherRow
from services.vouchers.temporal import connect
from shared.contracts import payments
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.ids import new_id
from shared.messaging.event import Event
from tests.integration.vouchers.conftest import KORTRIJK, Desk, voucher_of
from tests.support.desk import SEALING, delivery_of
from tests.support.event_keys import PRIVATE_KEYS, PUBLIC_KEYS

ROOT = Path(__file__).parents[3]

Start = Callable[[str], Awaitable[Process]]


@pytest.fixture
def start(desk: Desk, broker: str, temporal_server: Temporal, tmp_path: Path) -> Iterator[Start]:
    """Starts `python -m services.vouchers.<module>` and returns when its health address answers."""
    started: list[Process] = []
    settings = desk.settings.model_dump(mode="json", exclude_none=True) | {
        "kafka": broker,
        "broker": "tansu",
        "temporal": temporal_server.address,
        "hash_key": "00" * 32,
        "master_keys": "00" * 32,
        "temporal_keys": "00" * 32,
        "event_signing_key": PRIVATE_KEYS["vouchers"],
        "event_public_keys": json.dumps(PUBLIC_KEYS),
    }
    settings |= {"temporal_namespace": temporal_server.namespace}

    async def run(module: str) -> Process:
        port = free_port()
        environment = {f"TRIPTYCH_{name.upper()}": str(value) for name, value in {**settings, "port": port}.items()}
        command = [sys.executable, "-m", f"services.vouchers.{module}"]
        process = Process(module, command, tmp_path / f"{module}.log", env={"PATH": os.defpath, **environment}, cwd=ROOT)
        process.start()
        started.append(process)
        await asyncio.to_thread(process.wait_until, lambda: http_ok(f"http://{LOOPBACK}:{port}/health"), 60)
        return process

    yield run
    for process in started:
        process.stop()


async def until_stage(desk: Desk, voucher_id: UUID, stage: Stage) -> None:
    for _ in range(600):
        async with desk.sessions() as session:
            row = await session.get(VoucherRow, voucher_id)
        if row is not None and row.state == stage:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"the voucher did not become {stage}: {row}")


async def send(desk: Desk, broker: str, event: Event) -> None:
    """As another service's relay would."""
    producer = AIOKafkaProducer(bootstrap_servers=broker, enable_idempotence=False)
    await producer.start()
    delivery = delivery_of(event, desk.clock.now())
    headers = [(name, value.encode()) for name, value in delivery.headers.items()]
    await producer.send_and_wait(delivery.topic, delivery.body, key=delivery.key, headers=headers)
    await producer.stop()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
async def test_lifecycle_continues_after_its_worker_ended(desk: Desk, broker: str, start: Start, end: signal.Signals) -> None:
    award = desk.award()
    voucher_id = voucher_of(award)
    about = {"voucher_id": voucher_id, **award.model_dump(include={"application_id", "call_id", "region"})}
    await desk.open_call(award.call_id)
    await start("worker")
    first = await start("temporal_worker")
    await send(desk, broker, award)
    await until_stage(desk, voucher_id, Stage.REQUESTED)
    assert first.pid is not None
    os.kill(first.pid, end)
    await until_ended(first)
    assert ("workers stopped" in first.log.read_text()) is (end is signal.SIGTERM)
    await send(desk, broker, payments.FundsReserved(**about, amount_minor=500_000, currency="EUR", available_minor=1))
    await start("temporal_worker")
    await until_stage(desk, voucher_id, Stage.OFFERED)
    assert await desk.published(key=voucher_id) == ["FundsReservationRequested", "VoucherOffered"]


async def until_ended(process: Process) -> None:
    async with asyncio.timeout(5):
        while process.running:
            await asyncio.sleep(0.05)


async def test_processes_stop_on_sigterm(start: Start) -> None:
    for module in ("serve", "worker", "temporal_worker"):
        process = await start(module)
        await asyncio.to_thread(process.stop, 10)
        assert process.exit_code == -signal.SIGTERM, module  # uvicorn's way: it ends in order, then by the signal that it was sent


async def test_worker_schedules_the_look_at_each_region(desk: Desk, start: Start, temporal_server: Temporal) -> None:
    """Once, however often a worker starts."""
    for policy in desk.policies.all():
        await desk.open_call(new_id(), policy)
    for _ in range(2):
        await start("temporal_worker")
    client = await connect(temporal_server.address, temporal_server.namespace, SEALING)
    schedules = {entry.id async for entry in await client.list_schedules()}
    assert {f"retention-{policy.region}" for policy in desk.policies.all()} <= schedules
    for schedule in schedules:
        await client.get_schedule_handle(schedule).trigger()
    async with asyncio.timeout(30):
        while {row.body["region"] for row in await desk.events(MilestoneReached)} != {policy.region for policy in desk.policies.all()}:
            await asyncio.sleep(0.2)


async def test_worker_stops_while_a_step_is_retried(start: Start, temporal_server: Temporal) -> None:
    """The step waits for an award that nobody has granted."""
    worker = await start("temporal_worker")
    client = await connect(temporal_server.address, temporal_server.namespace, SEALING, lazy=False)
    await Lifecycles(client).start_voucher(new_id(), KORTRIJK)
    async with asyncio.timeout(30):
        while "Completing activity as failed" not in worker.log.read_text():
            await asyncio.sleep(0.05)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGTERM)
    await until_ended(worker)
    assert "workers stopped" in worker.log.read_text()
