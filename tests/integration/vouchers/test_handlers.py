"""Events that come twice, in another order, or while Temporal is down."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from deploy.embedded.servers import Temporal
from services.vouchers.domain.stages import Stage
from services.vouchers.lifecycles import Lifecycles, connect, voucher_workflow
from services.vouchers.subscribers import handlers
from services.vouchers.tables import VoucherRow
from shared.contracts import payments
from shared.contracts.evaluation import AwardGranted
from shared.kernel.ids import new_id
from shared.messaging.event import Event
from shared.messaging.inbox import Inbox
from tests.integration.vouchers.conftest import Desk
from tests.workflows.programme import delivery


def about(row: VoucherRow) -> dict[str, Any]:
    return {"voucher_id": row.id, "application_id": row.application_id, "call_id": row.call_id, "region": row.region}


def granted(desk: Desk) -> AwardGranted:
    award = desk.award()
    fields = award.model_dump(include=set(AwardGranted.model_fields))
    return AwardGranted(**fields, grant_number=1, rank=1, from_reserve=False)


@pytest_asyncio.fixture
async def inbox(desk: Desk, temporal_server: Temporal) -> AsyncIterator[Inbox]:
    lifecycles = Lifecycles(await connect(temporal_server.address, temporal_server.namespace))
    yield Inbox("vouchers", desk.sessions, desk.clock, desk.book, handlers(lifecycles, desk.clock), pause=0.01)


async def take(desk: Desk, inbox: Inbox, *events: Event) -> None:
    """Each twice."""
    await inbox.take([delivery(event, desk.clock.now(), event_id) for event in events for event_id in [new_id()] * 2])


async def test_a_payment_counts_once_and_not_when_it_was_returned(desk: Desk, inbox: Inbox) -> None:
    voucher = await desk.voucher(Stage.ISSUED)
    first, second = new_id(), new_id()
    ids = {**about(voucher), "batch_id": new_id(), "attempt": 1}
    money = {"amount_minor": 1_000, "currency": "EUR"}
    today = desk.clock.now().date()
    paid = [payments.DisbursementPaid(**ids, **money, disbursement_id=one, booked_on=today) for one in (first, second)]
    returned = payments.DisbursementReturned(**ids, **money, disbursement_id=second, returned_on=today, bank_reason="AC04")
    await take(desk, inbox, paid[0], returned, paid[1])  # the return is heard before its payment
    assert (await desk.row(voucher.id)).redeemed_minor == 1_000
    await take(desk, inbox, *paid)  # as an outbox that is published again under new ids would
    assert (await desk.row(voucher.id)).redeemed_minor == 1_000


async def test_a_settlement_before_the_end_ends_validity(desk: Desk, inbox: Inbox) -> None:
    voucher = await desk.voucher(Stage.ISSUED)
    money = {"paid_minor": 500_000, "recovered_minor": 0, "released_minor": 0, "currency": "EUR"}
    await take(desk, inbox, payments.VoucherSettled(**about(voucher), **money))
    row = await desk.row(voucher.id)
    assert (row.state, row.claimed) == (Stage.SETTLING, True)


async def test_an_award_taken_twice_has_one_lifecycle(desk: Desk, inbox: Inbox, temporal_server: Temporal) -> None:
    event = granted(desk)
    await take(desk, inbox, event)
    await take(desk, inbox, event)
    client = await connect(temporal_server.address, temporal_server.namespace)
    description = await client.get_workflow_handle(voucher_workflow(event.award_id)).describe()
    assert description.task_queue == "vouchers.be-kortrijk"
    await client.get_workflow_handle(voucher_workflow(event.award_id)).terminate()
    await take(desk, inbox, event)
    assert (await client.get_workflow_handle(voucher_workflow(event.award_id)).describe()).run_id == description.run_id


async def test_an_award_waits_for_a_temporal_that_is_down(desk: Desk, server_folder: Any) -> None:
    event = granted(desk)
    address, port = desk.settings.temporal, int(desk.settings.temporal.partition(":")[2])
    lifecycles = Lifecycles(await connect(address, "triptych"))
    inbox = Inbox("vouchers", desk.sessions, desk.clock, desk.book, handlers(lifecycles, desk.clock), attempts=1, pause=0.01)
    waiting = asyncio.create_task(inbox.take([delivery(event, desk.clock.now())]))
    done, _ = await asyncio.wait([waiting], timeout=1)
    assert not done, "neither taken nor buried"
    server = Temporal(server_folder / "late-temporal", port=port)
    await asyncio.to_thread(server.start)
    try:
        await asyncio.to_thread(server.wait_ready)
        await asyncio.wait_for(waiting, 30)
        description = await lifecycles.client.get_workflow_handle(voucher_workflow(event.award_id)).describe()
        assert description.workflow_type == "VoucherLifecycle"
    finally:
        await asyncio.to_thread(server.stop)
