"""The page of own hours in a claim, and what it says beside invoices: with the answers of the service."""

import asyncio
from dataclasses import asdict
from datetime import date
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from portal.applicant.claim_hours import edit, save
from portal.applicant.claims import check, tasks
from portal.client.base import ApiProblem, Caller
from portal.client.payments import ClaimDraftView
from portal.kit.forms import Form
from portal.kit.visit import Region, Regions, Visit
from services.payments.domain.claim_hours import Hours
from services.payments.domain.claim_lines import Line, compute
from tests.support.applications import BOOK

DRAFT, LINE, INVOICE = UUID(int=1), UUID(int=2), UUID(int=3)
POLICY = BOOK.resolve("dk-kolding", "smv-digital", date(2026, 12, 14))
DAY = date(2027, 2, 26)
BILLED = Line(1, "F-17", DAY, 5_000_000, 1_250_000, True, "DKK", 5_000_000, "", DAY, DAY)
WORKED = Line(2, "", DAY, 8_000_000, 0, False, "DKK", 8_000_000, "", hours=Hours("Designer", date(2027, 2, 1), DAY, 20_000))
NOTHING = dict.fromkeys(("seller", "seller_tax_number", "reference", "ordered_on", "delivered_on", "paid_on", "function", "worked_from"))


def draft() -> ClaimDraftView:
    """An invoice of DKK 50,000 and 200 hours, of which DKK 50,000 counts; the timesheet is missing."""
    assert POLICY.own_hours is not None
    sums = compute([BILLED, WORKED], POLICY, 10_000_000, 0, {"intensity_bp": 5_000, "largest_minor": 10_000_000})
    common = {**NOTHING, "issued_on": DAY, "vat_minor": 0, "vat_recoverable": False, "currency": "DKK", "cut_minor": None}
    common |= {"cut_reason": None, "documents": []}
    invoice = {**common, "line_id": INVOICE, "number": 1, "seller": "Bureau", "reference": "F-17", "net_minor": 5_000_000}
    invoice |= {"claimed_minor": 5_000_000, "hours_hundredths": None}
    hours = {**common, "line_id": LINE, "number": 2, "function": "Designer", "worked_from": date(2027, 2, 1), "net_minor": 8_000_000}
    hours |= {"claimed_minor": 8_000_000, "hours_hundredths": 20_000}
    missing = {"code": "timesheet-missing", "message": "The timesheet of these hours is missing.", "field": "files", "line": 2}
    return ClaimDraftView.model_validate(
        {
            **dict.fromkeys(ClaimDraftView.model_fields), "draft_id": DRAFT, "voucher_id": UUID(int=4), "application_id": UUID(int=5),
            "call_id": UUID(int=6), "region": POLICY.region, "currency": "DKK", "payment_mode": "reimbursement", "state": "draft",
            "editable": True, "evidence": ["invoice"], "recoverable_vat_eligible": False, "payees": [], "lines": [invoice, hours],
            "own_hours": POLICY.own_hours.model_dump(), "computation": asdict(sums), "gaps": [missing],
        }
    )  # fmt: skip


class Person(Visit):
    """A beneficiary at the page."""

    async def caller(self) -> Caller:
        return Caller()

    async def at(self, region: str) -> None:
        self.place = Region(region, {"en": "Kolding"}, "Europe/Copenhagen")

    async def regions(self, newer_than: float | None = None) -> Regions:
        return Regions({POLICY.region: Region(POLICY.region, {"en": "Kolding"}, "Europe/Copenhagen")})

    async def take_kept(self) -> Any:
        return None


def visited(
    page: Any, method: str = "GET", line: UUID = LINE, refusal: ApiProblem | None = None, **typed: str
) -> tuple[Response, list[Any]]:
    """The answer, and the bodies that the service got."""
    sent: list[Any] = []

    async def read(*_: Any) -> ClaimDraftView:
        return draft()

    async def put(_caller: Caller, _draft: UUID, _line: UUID, body: Any) -> None:
        sent.append(body)
        if refusal is not None:
            raise refusal

    services: Any = SimpleNamespace(payments=SimpleNamespace(get_claim_draft=read, put_claim_draft_hours=put))
    ids = {"draft_id": DRAFT, "line_id": line}
    scope = {"type": "http", "method": method, "path": f"/claim-drafts/{DRAFT}/hours/{line}", "query_string": urlencode({}).encode(),
             "headers": [], "path_params": ids}  # fmt: skip
    visit = Person(Request(scope), services, "en", form=Form.of(list(typed.items())))
    return asyncio.run(page(visit)), sent


def text_of(answer: Response) -> str:
    return bytes(answer.body).decode().replace("\xa0", " ")


TYPED = {"function": "Owner", "worked_from": "2027-02-01", "worked_to": "2027-02-05", "hours": "37,5"}


def test_hours_are_read_as_they_are_typed() -> None:
    answer, [body] = visited(save, "POST", **TYPED)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/claim-drafts/{DRAFT}/hours/{LINE}?done=saved#documents")
    assert body.model_dump() == {
        "function": "Owner", "worked_from": date(2027, 2, 1), "worked_to": date(2027, 2, 5), "hours_hundredths": 3_750
    }  # fmt: skip


def test_nothing_typed_is_lost_and_errors_stand_at_their_fields() -> None:
    answer, sent = visited(save, "POST", **{**TYPED, "hours": "a week", "worked_to": ""})
    shown = text_of(answer)
    assert (answer.status_code, sent) == (422, [])
    assert all(part in shown for part in ('href="#hours"', 'href="#worked_to"', 'value="a week"', 'value="Owner"'))
    field = {"field": "hours_hundredths", "reason": "One person works at most 60 hours in these days."}
    refused, _ = visited(save, "POST", refusal=ApiProblem(422, {"code": "hours-above-days", "detail": "No.", "errors": [field]}), **TYPED)
    assert 'href="#hours">One person works at most 60 hours' in text_of(refused)


def test_page_of_hours_says_what_they_come_to() -> None:
    shown = text_of(visited(edit)[0])
    assert "200 hours come to DKK 80,000." in shown
    assert "The timesheet of these hours is missing." in shown
    assert 'value="Designer"' in shown
    added = text_of(visited(edit, line=UUID(int=9))[0])
    assert "Add own hours" in added
    assert "at most 12 on a day" in added


def test_claim_and_its_check_say_what_of_the_hours_counts() -> None:
    shown = text_of(visited(tasks)[0])
    assert f"/claim-drafts/{DRAFT}/hours/{LINE}" in shown
    assert "2. 200 own hours, Designer" in shown
    assert f'href="/claim-drafts/{DRAFT}/hours/new"' in shown
    checked = text_of(visited(check)[0])
    assert "Own hours, line 2" in checked
    assert "DKK 50,000, of which DKK 50,000 in own hours" in checked
    assert "DKK 50,000 counts and DKK 30,000 does not" in checked
