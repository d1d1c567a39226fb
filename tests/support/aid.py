"""Requests about state aid, for the guard test of payments."""

from typing import Any

from tests.support.payments import Payments
from tests.support.routes import Example, Route

ROOT = "/api/payments/state-aid"


async def aid_examples(payments: Payments) -> dict[Route, Example]:
    voucher = await payments.issued(await payments.open_call(100_000), 10_000)
    at: dict[str, Any] = {"region": payments.region, "organisation": voucher.organisation_id}
    entered = {"number": "SA-1", "registered_on": payments.clock.instant.date().isoformat()}
    return {
        ("GET", ROOT): Example(**at, query={"region": payments.region}),
        ("POST", f"{ROOT}/{{voucher_id}}/registration"): Example(**at, path={"voucher_id": voucher.id}, json=entered),
    }
