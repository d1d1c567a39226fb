"""A beneficiary on a phone: offer, acceptance with a fresh sign-in, voucher, account, a change; then an officer who decides it."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Browser

from simulation.provider.people import PASSWORD
from tests.desks.conftest import Platform
from tests.desks.stages import Case, Desks
from tests.portal.person import Person
from tests.support.payments import IBANS
from tests.support.sign_ins import age_sign_ins

pytestmark = pytest.mark.timeout(240)
TURNS = 60
STEPS = 9
"""Begun, sent, found eligible, granted, offered, accepted, issued, claimed, claim accepted; then paid."""
SUMMARY = "Our archive is on the web."
WHY, ANSWER = "The studio that we chose has closed.", "The other studio is in the catalogue."


def apart(work: Coroutine[Any, Any, None]) -> None:
    """In a loop of its own: Playwright has that of this thread."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def act_for(person: Person, case: Case) -> None:
    """The token is a new one, of the sign-in as old as it is now."""
    person.go("/account")
    token = person.page.locator('input[name="form-token"]').first.input_value()
    person.page.request.post(f"{person.address}/organisations/{case.organisation}/act", form={"form-token": token})


def until_issued(person: Person, place: str) -> None:
    for _ in range(TURNS):
        person.page.goto(person.address + place)
        if person.page.locator(".triptych-voucher-code").is_visible():
            return person.look()
        person.page.wait_for_timeout(500)
    raise AssertionError("the voucher is not issued")


def accept(platform: Platform, person: Person, case: Case, place: str) -> None:
    """With a sign-in of long ago, so that the provider asks for the password again."""
    person.sign_in(case.applicant)
    act_for(person, case)
    person.go("/home")
    person.press(f'a[href="{place}"]')
    person.press(f'a[href="{place}/decline"]')
    apart(age_sign_ins(platform.state, 20))
    act_for(person, case)
    person.go(place)
    person.press(f'a[href="{place}/acceptance"]')
    person.page.click("main form button")
    person.page.fill("input[name=password]", PASSWORD)
    person.page.press("input[name=password]", "Enter")
    person.page.wait_for_url(f"**{place}/acceptance")
    person.look()
    person.page.click("main form button")
    person.page.wait_for_url("**done=accepted")


def register_account(person: Person, place: str) -> None:
    person.go(f"{place}/account")
    person.press("main form button")
    assert person.page.locator(".govuk-error-summary a").count() == 2
    person.fill({"name": "Studio Primjer", "number": IBANS["EUR"][0]})
    person.press("main form button")
    assert person.page.url.endswith("done=registered")


def ask_for_another_provider(person: Person, place: str) -> None:
    person.go(f"{place}/changes")
    person.fill({"kind": True, "explanation": WHY})
    person.press("main form button")
    assert person.page.locator('[id="explanation"]').input_value() == WHY
    assert person.page.locator('.govuk-error-summary a[href="#valid_until-day"]').is_visible()
    person.fill({"kind-2": True, "provider": "Another studio", "provider_tax_number": "HR98765432106"})
    person.press("main form button")
    assert person.page.url.endswith("done=asked")


def ask_for_a_smaller_amount(person: Person, place: str) -> None:
    person.go(f"{place}/changes")
    person.fill({"kind-3": True, "explanation": WHY, "amount": "2000"})
    person.press("main form button")
    assert person.page.url.endswith("done=asked")


def until_worth(person: Person, place: str, amount: str) -> None:
    """The money is booked; both amounts stand on the page."""
    for _ in range(TURNS):
        person.page.goto(person.address + place)
        if amount in person.page.locator("h1").inner_text():
            assert person.page.locator("main li", has_text=amount).count() == 1
            return person.look()
        person.page.wait_for_timeout(500)
    raise AssertionError("the smaller amount is not in force")


def grant(officer: Person) -> None:
    officer.go("/officer/changes?state=open")
    officer.press("main tbody a")
    officer.press("main form button")
    assert officer.page.locator(".govuk-error-summary a").count() == 2
    officer.fill({"decision": True, "reason": ANSWER})
    officer.press("main form button")
    assert officer.page.url.endswith("done=decided")


def test_offer_becomes_a_voucher_with_account_and_change(platform: Platform, desks: Desks, chromium: Browser) -> None:
    case = desks.offered()
    place = f"/vouchers/{case.voucher}"
    person = Person(chromium, platform.address, width=375, language="hr")
    accept(platform, person, case, place)
    until_issued(person, place)
    with person.page.expect_download() as agreement:
        person.page.click(f'a[href="{place}/agreement"]')
    assert agreement.value.suggested_filename.endswith(".pdf")
    register_account(person, place)
    ask_for_another_provider(person, place)
    officer = Person(chromium, platform.address, width=1280, language="en")
    officer.sign_in(f"officer-1.{case.region.partition('-')[2]}")
    grant(officer)
    ask_for_a_smaller_amount(person, place)
    grant(officer)
    until_worth(person, place, "2.000")
    person.go(f"{place}/changes")
    officer.go("/officer/vouchers")
    officer.press("main tbody a")
    assert (person.faults(), officer.faults()) == ({}, {})


def test_pages_of_a_voucher_are_clean_in_two_languages(platform: Platform, desks: Desks, chromium: Browser) -> None:
    """One that is paid."""
    case = desks.paid()
    place = f"/vouchers/{case.voucher}"
    for width, language in ((375, "hr"), (1280, "en")):
        reader = Person(chromium, platform.address, width=width, language=language)
        reader.sign_in(case.applicant)
        act_for(reader, case)
        for page in ("/home", place, f"{place}/money", f"{place}/account", f"{place}/changes", f"{place}/report"):
            reader.go(page)
        reader.go(f"/cases/{case.application}")
        assert reader.page.locator(".triptych-timeline__step").count() >= STEPS
        assert reader.faults() == {}
    stranger = Person(chromium, platform.address, width=1280, language="en")
    other = desks.claim_lodged()
    assert other.applicant != case.applicant
    stranger.sign_in(other.applicant)
    act_for(stranger, other)
    for page in (place, f"{place}/money", f"{place}/agreement", f"/cases/{case.application}", f"{place}/report"):
        answer = stranger.page.goto(stranger.address + page)
        assert answer is not None
        assert answer.status == 403, page


def test_report_is_written_sent_and_read(platform: Platform, desks: Desks, chromium: Browser) -> None:
    case = desks.paid()
    place = f"/vouchers/{case.voucher}/report"
    person = Person(chromium, platform.address, width=375, language="hr")
    person.sign_in(case.applicant)
    act_for(person, case)
    person.go(place)
    person.fill({"result.summary": SUMMARY, "jobs.created": "many"})
    person.press("main form button[name=send]")
    assert person.page.locator('.govuk-error-summary a[href="#jobs.created"]').is_visible()
    assert person.page.locator('[id="result.summary"]').input_value() == SUMMARY
    person.fill({"jobs.created": "0,5", "jobs.kept": "2", "partners.new": "1", "result.reached": True, "digital.effect": True})
    person.press("main form button[name=send]")
    person.press("main form button")
    assert person.page.locator(".govuk-error-summary a").count() == len(("green.effect", "digital.how", "social.effect"))
    person.fill({"green.effect-2": True, "digital.how": "A shop on the web.", "social.effect-2": True})
    person.press("main form button[name=send]")
    person.press("main form button")
    assert person.page.url.endswith("done=sent")
    officer = Person(chromium, platform.address, width=1280, language="en")
    officer.sign_in(f"officer-1.{case.region.partition('-')[2]}")
    officer.go("/officer/reports?state=sent")
    officer.press("main tbody a")
    assert SUMMARY in officer.page.inner_text("main")
    assert (person.faults(), officer.faults()) == ({}, {})
