"""A claim line by line: drafted on a phone, cut by an officer with a reason, accepted, and explained to the beneficiary."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from simulation.provider.people import user_name
from simulation.sample_files import sample_pdf
from tests.desks.conftest import Platform
from tests.desks.stages import FIRST_COME, Desks
from tests.portal.person import Person

pytestmark = pytest.mark.timeout(300)
INVOICE = {
    "seller": "Studio Primjer", "seller_tax_number": "HR12345678903", "net": "1.000,00", "vat": "250", "vat_recoverable": True,
    "claimed": "1.000",
}  # fmt: skip
REASON = "Putni troškovi nisu dio usluge."


def add_invoice(person: Person, number: str, day: str, kinds: list[str], folder: Path) -> None:
    """A line with a document of each kind; first with an amount that is above the invoice."""
    person.press('main a[href$="/lines/new"]')
    values = {**INVOICE, "reference": number, "issued_on": day, "delivered_on": day, "paid_on": day}
    person.fill({**{name: value for name, value in values.items() if name != "vat_recoverable"}, "claimed": "1.250,50"})
    person.page.check('input[name="vat_recoverable"][value="yes"]')
    person.press("main form button")
    assert person.page.locator(".govuk-error-summary").is_visible()
    assert person.page.input_value("#reference") == number
    person.fill({"claimed": "1.000"})
    person.press("main form button")
    for kind in kinds:
        path = folder / f"{kind}-{number}.pdf"
        path.write_bytes(sample_pdf(f"{kind} {number}"))
        person.fill({"kind": kind})
        person.page.set_input_files("#file", path)
        person.press("main form[enctype] button")
        assert person.page.get_by_text(path.name).first.is_visible(), person.page.inner_text("main")
    person.press("a.govuk-back-link")


def test_claim_is_drafted_cut_and_explained(platform: Platform, desks: Desks, chromium: Browser, tmp_path: Path) -> None:
    case = desks.issued()
    account = desks.account_of(case)
    assert account
    policy = desks.policy_of(FIRST_COME)
    day = desks.today_in(FIRST_COME)
    ada = Person(chromium, platform.address, width=375, language="hr")
    ada.sign_in(case.applicant)
    ada.press(f'form[action="/organisations/{case.organisation}/act"] button')
    ada.go(f"/vouchers/{case.voucher}/claims")
    ada.press("main form button")
    add_invoice(ada, "R-1", day, list(policy.claims.evidence), tmp_path)
    add_invoice(ada, "R-2", day, ["invoice"], tmp_path)
    ada.press('main a[href$="/account"]')
    ada.page.check(f'input[name="payee_id"][value="{account}"]')
    ada.press("main form button")
    ada.press('main a[href$="/lodging"]')
    ada.press("main form button")
    assert ada.path.startswith("/claims/"), ada.page.inner_text("main")
    claim = ada.path.rpartition("/")[2]

    officer = Person(chromium, platform.address, width=1280, language="en")
    officer.sign_in(user_name("officer", 1, FIRST_COME))
    officer.go("/officer/claims?state=lodged")
    officer.press(f'a[href="/officer/claims/{claim}"]')
    officer.page.check('input[name="act-1"][value="accept"]')
    officer.press('form[action$="/lines/1"] button')
    officer.page.check('input[name="act-2"][value="cut"]')
    officer.fill({"cut-2": "200"})
    officer.press('form[action$="/lines/2"] button')
    assert officer.page.locator(".govuk-error-summary").is_visible()  # a cut without a reason
    assert officer.page.input_value('[id="cut-2"]') == "200"
    officer.fill({"reason-2": REASON})
    officer.press('form[action$="/lines/2"] button')
    officer.press('main a[href$="/acceptance"]')
    officer.press("main form button")
    assert officer.path == f"/officer/claims/{claim}"

    ada.go(f"/claims/{claim}")
    assert REASON in ada.page.inner_text("main")
    shown = ada.page.inner_text("main").replace("\xa0", " ")
    assert "1.800 €" in shown, shown  # 2,000.00 less 200.00
    assert (ada.faults(), officer.faults()) == ({}, {})
