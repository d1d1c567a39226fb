"""Several organisations with one tax number in one call, and a form of December 2026. Source: rows of "Keys that differ by spelling" and
"Applicants and their figures"."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.kernel.ids import new_id
from simulation.sample_answers import with_own_answers
from tests.integration.applications.conftest import Desk
from tests.support.applications import BOOK, applicant, form_with

DATES = {
    "id": "digital-voucher-2027", "opens_at": "2026-12-14T10:00:00", "closes_at": "2027-01-15T12:00:00", "evaluation_due": "2027-03-01",
    "reserve_list_ends": "2027-05-01",
}  # fmt: skip
NOW = datetime(2026, 12, 20, 9, tzinfo=UTC)
FORM = BOOK.form_in_force("hr-koprivnica", "digital-voucher", NOW.date())


def form(**answers: Any) -> dict[str, Any]:
    time = {"project__starts_on": "2027-03-01", "project__ends_on": "2027-08-31"}
    return with_own_answers(form_with(**time, **answers), FORM)


async def drafted(desk: Desk, call_id: str, organisation: UUID, content: dict[str, Any]) -> str:
    body = {"call_id": call_id, "form": content}
    answer = await desk.request(applicant(organisation), "POST", "/applications", 201, key=f"key-{new_id()}", json=body)
    return str(answer["id"])


async def test_second_organisation_with_a_number_is_refused(desk: Desk) -> None:
    desk.clock.instant = datetime(2026, 12, 10, tzinfo=UTC)
    call_id = (await desk.publish_call(**DATES))["id"]
    desk.clock.instant = NOW
    spellings = ("12345678903", "HR 12345678903", "123 456 789 03", "12345678903")
    first, *others = [
        await drafted(desk, call_id, UUID(int=number), form(applicant__tax_number=spelling, project__title=f"Project {number * 'x'}"))
        for number, spelling in enumerate(spellings, start=1)
    ]
    await desk.submit(first, UUID(int=1))
    for number, other in enumerate(others, start=2):
        refused = await desk.submit(other, UUID(int=number), 409)
        assert (refused["code"], refused["errors"][0]["field"]) == ("tax-number-in-call", "applicant.tax_number")
    await desk.withdraw(first, UUID(int=1))
    await desk.submit(others[0], UUID(int=2))
    uncovered = await drafted(desk, call_id, UUID(int=9), form(costs__requested_minor=200_000, applicant__tax_number="98765432106"))
    refused = await desk.submit(uncovered, UUID(int=9), 422)
    assert (refused["code"], refused["errors"][0]["field"]) == ("cost-uncovered", "costs.own_contribution_minor")
    assert "6000.00 EUR" in refused["detail"]
    wrong = await drafted(desk, call_id, UUID(int=10), form(applicant__tax_number="00000000000"))
    asked = await desk.request(applicant(UUID(int=10)), "GET", f"/applications/{wrong}/sections")
    [problem] = next(one["problems"] for one in asked if one["section"] == "applicant")
    assert (problem["place"], problem["code"]) == ("applicant.tax_number", "tax-number-wrong")
    assert "tax number of Croatia: OIB numbers have 11 digits" in problem["text"]
