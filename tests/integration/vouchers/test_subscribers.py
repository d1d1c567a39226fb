"""Events that come twice, in another order, or while Temporal is down."""

import asyncio
from typing import Any
from uuid import UUID

import pytest_asyncio
from temporalio.client import WorkflowExecutionStatus

from deploy.embedded.servers import Temporal
from services.vouchers.domain.stages import Stage
from services.vouchers.lifecycles import Lifecycles, voucher_workflow
from services.vouchers.subscribers import handlers
from services.vouchers.tables import RedemptionRow, VoucherRow
from services.vouchers.temporal import connect
from shared.contracts import corrections, payments
from shared.contracts.evaluation import AwardGranted
from shared.kernel.ids import new_id
from shared.messaging.event import Event
from shared.messaging.inbox import Inbox
from tests.integration.vouchers.conftest import Desk
from tests.support.desk import SEALING, delivery_of
from tests.support.event_keys import KEYS


def about(row: VoucherRow) -> dict[str, Any]:
    return {"voucher_id": row.id, "application_id": row.application_id, "call_id": row.call_id, "region": row.region}


async def granted(desk: Desk) -> AwardGranted:
    award = desk.award()
    await desk.open_call(award.call_id)
    return award


@pytest_asyncio.fixture
async def inbox_desk(desk: Desk, temporal_server: Temporal) -> Desk:
    """A desk whose inbox reaches a Temporal."""
    lifecycles = Lifecycles(await connect(temporal_server.address, temporal_server.namespace, SEALING))
    desk.inbox = Inbox("vouchers", KEYS, desk.sessions, desk.clock, desk.policies, handlers(lifecycles), pause=0.01)
    return desk


async def test_payment_counts_once_and_a_returned_one_not_at_all(inbox_desk: Desk) -> None:
    voucher = await inbox_desk.voucher(Stage.ISSUED)
    first, second = new_id(), new_id()
    ids = {**about(voucher), "batch_id": new_id(), "attempt": 1}
    money = {"amount_minor": 1_000, "currency": "EUR"}
    today = inbox_desk.clock.now().date()
    paid = [payments.DisbursementPaid(**ids, **money, disbursement_id=one, booked_on=today) for one in (first, second)]
    returned = payments.DisbursementReturned(**ids, **money, disbursement_id=second, returned_on=today, bank_reason="AC04")
    await inbox_desk.deliver(paid[0], returned, paid[1], twice=True)  # the return arrives before its payment
    assert (await inbox_desk.row(VoucherRow, voucher.id)).redeemed_minor == 1_000
    await inbox_desk.deliver(*paid, twice=True)  # under new ids, as a restored outbox may publish them
    assert (await inbox_desk.row(VoucherRow, voucher.id)).redeemed_minor == 1_000


async def test_correction_counts_in_whatever_order_it_comes(inbox_desk: Desk) -> None:
    """Paid, undone, paid by the bank, returned, booked again: the number of corrections gives the order."""
    voucher = await inbox_desk.voucher(Stage.ISSUED)
    ids, today = {**about(voucher), "attempt": 1}, inbox_desk.clock.now().date()
    money: dict[str, Any] = {"amount_minor": 1_000, "currency": "EUR"}

    def story(disbursement_id: UUID) -> list[Event]:
        of = {**ids, **money, "disbursement_id": disbursement_id}
        sent = {**of, "batch_id": disbursement_id}
        return [
            payments.DisbursementPaid(**sent, booked_on=today),
            corrections.DisbursementCorrected(**of, correction=1, undone="paid", state="unknown"),
            payments.DisbursementPaid(**sent, booked_on=today, correction=1),
            payments.DisbursementReturned(**sent, returned_on=today, bank_reason="AC04", correction=1),
            payments.DisbursementPaid(**sent, booked_on=today, correction=2),
        ]

    for length in (5, 4):
        for order in (1, -1):
            await inbox_desk.deliver(*story(new_id())[:length][::order], twice=True)
    rejected = corrections.DisbursementCorrected(**ids, **money, disbursement_id=new_id(), correction=1, undone="rejected", state="unknown")
    await inbox_desk.deliver(rejected)
    assert (await inbox_desk.row(VoucherRow, voucher.id)).redeemed_minor == 2_000
    assert len(await inbox_desk.rows(RedemptionRow)) == 4


async def test_early_settlement_ends_the_validity(inbox_desk: Desk) -> None:
    voucher = await inbox_desk.voucher(Stage.ISSUED)
    money = {"paid_minor": 500_000, "recovered_minor": 0, "released_minor": 0, "currency": "EUR"}
    await inbox_desk.deliver(payments.VoucherSettled(**about(voucher), **money), twice=True)
    row = await inbox_desk.row(VoucherRow, voucher.id)
    assert (row.state, row.claimed) == (Stage.SETTLING, True)


async def test_award_delivered_twice_has_one_lifecycle(inbox_desk: Desk, temporal_server: Temporal) -> None:
    event = await granted(inbox_desk)
    await inbox_desk.deliver(event, twice=True)
    await inbox_desk.deliver(event, twice=True)
    client = await connect(temporal_server.address, temporal_server.namespace, SEALING)
    description = await client.get_workflow_handle(voucher_workflow(event.award_id)).describe()
    assert description.task_queue == "vouchers.be-kortrijk"
    await client.get_workflow_handle(voucher_workflow(event.award_id)).terminate()
    await inbox_desk.deliver(event)  # under a new id: what was ended from outside goes on, by the rows
    again = await client.get_workflow_handle(voucher_workflow(event.award_id)).describe()
    assert (again.status, again.run_id != description.run_id) == (WorkflowExecutionStatus.RUNNING, True)


async def test_award_waits_while_temporal_is_down(desk: Desk, server_folder: Any) -> None:
    event = await granted(desk)
    address, port = desk.settings.temporal, int(desk.settings.temporal.partition(":")[2])
    lifecycles = Lifecycles(await connect(address, "triptych", SEALING))
    inbox = Inbox("vouchers", KEYS, desk.sessions, desk.clock, desk.policies, handlers(lifecycles), attempts=1, pause=0.01)
    waiting = asyncio.create_task(inbox.take([delivery_of(event, desk.clock.now())]))
    done, _ = await asyncio.wait([waiting], timeout=1)
    assert not done, "neither handled nor a dead letter"
    server = Temporal(server_folder / "late-temporal", port=port)
    await asyncio.to_thread(server.start)
    try:
        await asyncio.to_thread(server.wait_ready)
        await asyncio.wait_for(waiting, 30)
        description = await lifecycles.client.get_workflow_handle(voucher_workflow(event.award_id)).describe()
        assert description.workflow_type == "VoucherLifecycle"
    finally:
        await asyncio.to_thread(server.stop)
