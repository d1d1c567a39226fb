"""State aid in the tests of payments: what applicants declare, and requests for the guard test."""

from datetime import date
from typing import Any

from shared.contracts.applications import ApplicationFoundEligible
from shared.contracts.common import DeclaredAid, Relation
from tests.support.payments import NOON, Payments, Voucher
from tests.support.routes import Example, Route

ROOT = "/api/payments/state-aid"


def found_eligible(
    payments: Payments, voucher: Voucher, number: str | None = None, *declared: tuple[date, int]
) -> ApplicationFoundEligible:
    """`number`: the hash of the applicant's tax number."""
    return ApplicationFoundEligible(
        application_id=voucher.application_id, call_id=voucher.call_id, region=payments.region, sequence=1, submitted_at=NOON,
        organisation_id=voucher.organisation_id, requested_minor=voucher.amount_minor, amount_minor=voucher.amount_minor,
        currency=payments.policy.currency, policy_id=payments.policy.id, language="hr", topics=[], activity_code="62.01",
        relations=[Relation(kind="tax-number", hash=number)] if number else [],
        declared_aid=[DeclaredAid(granted_on=day, amount_minor=amount) for day, amount in declared],
    )  # fmt: skip


async def aid_examples(payments: Payments) -> dict[Route, Example]:
    voucher = await payments.issued(await payments.open_call(100_000), 10_000)
    await payments.deliver(found_eligible(payments, voucher))
    at: dict[str, Any] = {"region": payments.region, "organisation": voucher.organisation_id}
    entered = {"number": "SA-1", "registered_on": payments.clock.instant.date().isoformat()}
    return {
        ("GET", ROOT): Example(**at, query={"region": payments.region}),
        ("GET", f"{ROOT}/organisations/{{organisation_id}}"): Example(
            unbound="of an organisation, in every region",
            organisation=voucher.organisation_id,
            path={"organisation_id": voucher.organisation_id},
        ),
        ("GET", f"{ROOT}/applications/{{application_id}}"): Example(**at, path={"application_id": voucher.application_id}),
        ("POST", f"{ROOT}/{{voucher_id}}/registration"): Example(**at, path={"voucher_id": voucher.id}, json=entered),
    }
