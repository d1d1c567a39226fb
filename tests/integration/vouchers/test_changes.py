"""Requests for a change: asked by the beneficiary, decided by an officer, and their words removed with the case."""

from datetime import timedelta
from typing import Any

import pytest

from services.vouchers.commands.remove_case import remove_case
from services.vouchers.domain.stages import Stage
from services.vouchers.queries.tasks import waiting_tasks
from services.vouchers.tables import ChangeRow, VoucherRow
from shared.contracts.applications import CaseRemoved
from shared.contracts.vouchers import ChangeDecided, ChangeRequested, VoucherExtended, VoucherTasksCounted
from shared.identity.actor import SYSTEM
from shared.kernel.errors import Contradiction
from tests.integration.vouchers.conftest import APPLICANT, KORTRIJK, OFFICER, Desk

DAY = timedelta(days=1)
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
        (Stage.OFFERED, {"kind": "provider", "provider": "Another"}, 409, "not-changeable"),
        (Stage.ISSUED, {"kind": "amount", "amount_minor": 500_000}, 422, "amount-not-lower"),
        (Stage.ISSUED, {"kind": "provider"}, 422, "change-incomplete"),
        (Stage.ISSUED, {"kind": "extension", "valid_until": "2028-01-01T00:00:00Z"}, 422, "extension-too-long"),
    ],
)
async def test_wish_that_cannot_be_granted_is_refused(desk: Desk, stage: Stage, wish: dict[str, Any], status: int, code: str) -> None:
    assert (await asked(desk, await desk.voucher(stage), status, **wish))["code"] == code


async def test_words_go_with_the_case_and_not_before_its_end(desk: Desk) -> None:
    voucher = await desk.voucher(Stage.ISSUED)
    await asked(desk, voucher, kind="provider", provider="Another")
    about = {"application_id": voucher.application_id, "call_id": voucher.call_id, "region": KORTRIJK}
    removed = CaseRemoved(**about, retention_class="paid", kept_until=desk.clock.now())
    with pytest.raises(Contradiction, match="has not ended"):
        await desk.run(remove_case, SYSTEM, removed)
    [kept] = await desk.rows(ChangeRow)
    assert (kept.explanation, kept.provider) == (WORDS, "Another")
