"""Requests for a change: asked by the beneficiary, decided by an officer, and their words removed with the case."""

from datetime import timedelta
from typing import Any

import pytest

from services.vouchers.commands.record_value_changed import record_value_changed, record_value_refused
from services.vouchers.commands.remove_case import remove_case
from services.vouchers.domain.stages import Stage
from services.vouchers.queries.tasks import waiting_tasks
from services.vouchers.tables import ChangeRow, VoucherRow
from shared.contracts.applications import CaseRemoved
from shared.contracts.payments import VoucherValueChanged, VoucherValueRefused
from shared.contracts.vouchers import (
    AmountChangeRequested,
    ChangeDecided,
    ChangeRequested,
    ProviderChanged,
    VoucherExtended,
    VoucherTasksCounted,
)
from shared.identity.actor import SYSTEM
from shared.kernel.errors import Contradiction
from shared.kernel.invoice_numbers import issuer_hash
from shared.messaging.event import Event
from tests.integration.vouchers.conftest import APPLICANT, KORTRIJK, OFFICER, Desk

DAY = timedelta(days=1)
ANOTHER = {"provider": "Another", "provider_tax_number": "BE 0123.456.749"}
WORDS = "The provider is ill until spring."


async def asked(desk: Desk, voucher: VoucherRow, expect: int = 201, **wish: Any) -> Any:
    return await desk.request(APPLICANT, "POST", f"/vouchers/{voucher.id}/changes", expect, json={"explanation": WORDS, **wish})


async def decided(desk: Desk, change: Any, granted: bool, expect: int = 200) -> Any:
    body = {"granted": granted, "reason": "As the rules allow."}
    return await desk.request(OFFICER, "POST", f"/changes/{change['id']}/decision", expect, json=body)


async def test_granted_extension_extends_the_voucher_once(desk: Desk) -> None:
    voucher = await desk.voucher(Stage.ISSUED)
    assert voucher.valid_until is not None
    wanted = voucher.valid_until + 30 * DAY
    change = await asked(desk, voucher, kind="extension", valid_until=wanted.isoformat())
    assert (change["state"], change["explanation"]) == ("open", WORDS)
    assert (await asked(desk, voucher, 409, kind="extension", valid_until=wanted.isoformat()))["code"] == "change-open"
    [listed] = (await desk.request(OFFICER, "GET", "/changes?state=open"))["items"]
    assert listed["id"] == change["id"]
    for _ in range(2):
        assert (await decided(desk, change, True))["state"] == "granted"
    assert (await decided(desk, change, False, 409))["code"] == "change-decided"
    row = await desk.row(VoucherRow, voucher.id)
    assert (row.extensions, row.valid_until) == (1, wanted)
    names = [contract.type.split(".")[1] for contract in (ChangeRequested, VoucherExtended, ChangeDecided)]
    assert await desk.published(ChangeRequested, VoucherExtended, ChangeDecided, key=voucher.id) == names
    assert WORDS not in str([event.body for event in await desk.events(key=voucher.id)])
    assert (await asked(desk, voucher, 409, kind="extension", valid_until=(wanted + DAY).isoformat()))["code"] == "extensions-used-up"


async def test_refused_change_leaves_the_voucher_and_says_why(desk: Desk) -> None:
    voucher = await desk.voucher(Stage.ISSUED)
    change = await asked(desk, voucher, kind="amount", amount_minor=300_000)
    assert (await decided(desk, change, False))["state"] == "refused"
    [mine] = (await desk.request(APPLICANT, "GET", f"/changes?voucher_id={voucher.id}"))["items"]
    assert (mine["state"], mine["reason"]) == ("refused", "As the rules allow.")
    assert (await desk.row(VoucherRow, voucher.id)).amount_minor == 500_000


def answer(voucher: VoucherRow, change: Any, contract: type[Event], **fields: Any) -> Any:
    about = voucher.model_dump(include={"application_id", "call_id", "region", "currency"})
    return contract(**about, voucher_id=voucher.id, change_id=change["id"], **fields)


@pytest.mark.parametrize(
    ("amount", "fits", "after"),
    [(300_000, True, ("granted", 300_000, 500_000)), (700_000, True, ("granted", 700_000, 700_000)),
     (700_000, False, ("refused", 500_000, 500_000))],
)  # fmt: skip
async def test_granted_amount_counts_once_payments_has_booked_it(desk: Desk, amount: int, fits: bool, after: tuple[str, int, int]) -> None:
    voucher = await desk.voucher(Stage.ISSUED)
    change = await asked(desk, voucher, kind="amount", amount_minor=amount)
    for _ in range(2):
        assert (await decided(desk, change, True))["state"] == "approved"
    assert (await decided(desk, change, False, 409))["code"] == "change-decided"
    assert (await asked(desk, voucher, 409, kind="amount", amount_minor=1))["code"] == "change-open"
    assert (await desk.row(VoucherRow, voucher.id)).value_minor == 500_000
    assert await desk.published(AmountChangeRequested, ChangeDecided, key=voucher.id) == ["AmountChangeRequested"]
    booked = answer(voucher, change, VoucherValueChanged, previous_minor=500_000, amount_minor=amount)
    refused = answer(voucher, change, VoucherValueRefused, rule="envelope-exhausted", limit_minor=600_000)
    for wrong in ({"amount_minor": amount + 1}, {"region": "dk-kolding"}, {"call_id": voucher.id}, {"change_id": voucher.id}):
        with pytest.raises(Contradiction):
            await desk.run(record_value_changed, SYSTEM, booked.model_copy(update=wrong))
    for _ in range(2):
        await desk.run(record_value_changed if fits else record_value_refused, SYSTEM, booked if fits else refused)
    row = await desk.row(VoucherRow, voucher.id)
    [kept] = await desk.rows(ChangeRow)
    assert (kept.state, row.value_minor, row.drawn_minor) == after
    shown = await desk.request(APPLICANT, "GET", f"/vouchers/{voucher.id}")
    versions = [(one["kind"], one["previous_minor"], one["amount_minor"]) for one in shown["amendments"]]
    assert versions == ([("amount", 500_000, amount)] if fits else [])
    assert shown["terms"]["amount_minor"] == 500_000  # what was accepted stays as it was
    with pytest.raises(Contradiction, match="was not granted"):
        await desk.run(record_value_changed, SYSTEM, booked.model_copy(update={"change_id": voucher.id}))


async def test_granted_provider_counts_from_its_day(desk: Desk) -> None:
    voucher = await desk.voucher(Stage.ISSUED)
    change = await asked(desk, voucher, kind="provider", **ANOTHER)
    assert (await decided(desk, change, True))["state"] == "granted"
    [event] = await desk.events(ProviderChanged)
    assert (event.body["provider_hash"], event.body["since"]) == (issuer_hash(bytes(1), "0123456749"), "2026-01-05")
    [shown] = (await desk.request(APPLICANT, "GET", f"/vouchers/{voucher.id}"))["amendments"]
    assert (shown["kind"], shown["provider"]) == ("provider", "Another")
    assert "Another" not in str([event.body for event in await desk.events(key=voucher.id)])


async def test_what_waits_is_counted_once_a_day_and_its_end_once(desk: Desk) -> None:
    change = await asked(desk, await desk.voucher(Stage.ISSUED), kind="amount", amount_minor=300_000)
    assert await desk.counted(VoucherTasksCounted, waiting_tasks) == [{"kind": "changes", "count": 1}]
    await decided(desk, change, False)
    desk.clock.instant += timedelta(hours=3)
    assert await desk.counted(VoucherTasksCounted, waiting_tasks) == [{"kind": "changes", "count": 1}], "not twice a day"
    for _ in range(3):
        desk.clock.instant += DAY
        assert await desk.counted(VoucherTasksCounted, waiting_tasks) == []
    days = [(row.body["region"], len(row.body["tasks"])) for row in await desk.events(VoucherTasksCounted)]
    assert days == [(KORTRIJK, 1), (KORTRIJK, 0)]


@pytest.mark.parametrize(
    ("stage", "wish", "status", "code"),
    [
        (Stage.OFFERED, {"kind": "provider", **ANOTHER}, 409, "not-changeable"),
        (Stage.ISSUED, {"kind": "amount", "amount_minor": 500_000}, 422, "amount-same"),
        (Stage.ISSUED, {"kind": "amount", "amount_minor": 500_000_000}, 422, "amount-above-rules"),
        (Stage.ISSUED, {"kind": "provider", "provider": "Another"}, 422, "change-incomplete"),
        (Stage.ISSUED, {"kind": "extension", "valid_until": "2028-01-01T00:00:00Z"}, 422, "extension-too-long"),
    ],
)
async def test_wish_that_cannot_be_granted_is_refused(desk: Desk, stage: Stage, wish: dict[str, Any], status: int, code: str) -> None:
    assert (await asked(desk, await desk.voucher(stage), status, **wish))["code"] == code


async def test_words_go_with_the_case_and_not_before_its_end(desk: Desk) -> None:
    voucher = await desk.voucher(Stage.ISSUED)
    await asked(desk, voucher, kind="provider", **ANOTHER)
    about = {"application_id": voucher.application_id, "call_id": voucher.call_id, "region": KORTRIJK}
    removed = CaseRemoved(**about, retention_class="paid", kept_until=desk.clock.now())
    with pytest.raises(Contradiction, match="has not ended"):
        await desk.run(remove_case, SYSTEM, removed)
    [kept] = await desk.rows(ChangeRow)
    assert (kept.explanation, kept.provider, kept.provider_tax_number) == (WORDS, "Another", "BE 0123.456.749")
