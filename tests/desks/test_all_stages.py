"""Every stage that the journeys of the desks begin at is reached, and left as it is."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from operations.cli.actors import AUDITOR, api_of
from tests.desks.conftest import Platform
from tests.desks.stages import FIRST_COME, RANKING, Case, Desks

pytestmark = pytest.mark.timeout(300)


async def read(platform: Platform, paths: dict[str, str]) -> dict[str, Any]:
    api = api_of(platform.data, platform.state)
    try:
        return {name: (await api.get(AUDITOR, path))["state"] for name, path in paths.items()}
    finally:
        await api.close()


def test_every_stage_is_reached_and_left_as_it_is(platform: Platform, desks: Desks) -> None:
    desks.open(FIRST_COME, RANKING)
    submitted, first_come = desks.submitted(), desks.submitted(FIRST_COME)
    offered, issued, lodged = desks.offered(), desks.issued(), desks.claim_lodged()
    screened, evaluated, ranked, paid = desks.screened(), desks.evaluated(), desks.ranked(), desks.paid()

    application, evaluation, vouchers, payments = (f"/api/{service}" for service in ("applications", "evaluation", "vouchers", "payments"))

    def application_of(case: Case) -> str:
        return f"{application}/applications/{case.application}"

    def list_of(case: Case) -> str:
        return f"{evaluation}/calls/{case.call}/ranking"

    paths = {
        "submitted": application_of(submitted),
        "submitted, first come": application_of(first_come),
        "screened": application_of(screened),
        "screened: an assignment": f"{evaluation}/assignments/{next(iter(screened.assignments))}",
        "evaluated": list_of(evaluated),
        "ranked": list_of(ranked),
        "offered": f"{vouchers}/vouchers/{offered.voucher}",
        "issued": f"{vouchers}/vouchers/{issued.voucher}",
        "claim lodged": f"{payments}/claims/{lodged.claim}",
        "paid": f"{payments}/disbursements/{paid.disbursement}",
    }
    with ThreadPoolExecutor(1) as thread:
        states = thread.submit(asyncio.run, read(platform, paths)).result()
    assert states.pop("ranked") in ("approved", "decided")  # the awards of a list go out after the short appeal term
    assert states == {
        "submitted": "submitted",
        "submitted, first come": "submitted",
        "screened": "eligible",
        "screened: an assignment": "assigned",
        "evaluated": "ready",
        "offered": "offered",
        "issued": "issued",
        "claim lodged": "lodged",
        "paid": "paid",
    }
    assert len(set(screened.assignments.values())) > 1
    assert desks.paid() is paid
