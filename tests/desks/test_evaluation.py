"""An application from its evaluators to the approved list: two of them in two languages, one on a phone, then two officers."""

import pytest
from playwright.sync_api import APIResponse, Browser, Route, expect

from simulation.provider.people import user_name
from tests.desks.conftest import Platform
from tests.desks.stages import Desks
from tests.portal.person import Person

pytestmark = pytest.mark.timeout(300)
POINTS = {"relevance": 30, "transition": 30, "quality": 20, "capacity": 10, "value-for-money": 10}

SHEETS = ".govuk-summary-card"


def signed_in(platform: Platform, chromium: Browser, user: str, *, width: int, language: str) -> Person:
    person = Person(chromium, platform.address, width=width, language=language)
    person.sign_in(user)
    return person


def score(person: Person, assignment: str, percent: int) -> None:
    """Declares, types points with justifications, loads the page again, and submits."""
    path = f"/evaluator/assignments/{assignment}"
    person.go("/evaluator")
    person.press(f'a[href="{path}"]')
    person.press("main form button")
    assert person.page.locator(".govuk-error-summary").is_visible()  # nothing was chosen
    person.fill({"conflict": True})
    person.press("main form button")
    for criterion, most in POINTS.items():
        person.fill({f"justifications.{criterion}": f"As section {criterion} of the file says."})
        person.fill({f"scores.{criterion}": most * percent // 100})
    expect(person.page.locator("[data-total]")).to_have_text(str(percent))  # what was saved, by the script
    person.go(path)
    expect(person.page.locator("[data-total]")).to_have_text(str(percent))
    person.press("button[name=submit]")
    assert person.page.locator(".govuk-error-summary").is_visible()  # it was not confirmed
    submit_while_saved(person)
    assert "As section relevance of the file says." in person.page.inner_text("main")


def submit_while_saved(person: Person) -> None:
    """Submits when the script's last save has taken effect and its answer is still on the way: the sheet has another version by then."""
    answers: list[tuple[Route, APIResponse]] = []
    person.page.route("**/autosave", lambda route: answers.append((route, route.fetch())))
    person.fill({"comment": "Read as a whole.", "confirmed": True})
    while not answers:
        person.page.wait_for_timeout(50)
    person.page.locator("button[name=submit]").click()
    for route, answer in answers:
        route.fulfill(response=answer)
    person.page.wait_for_url("**done=submitted*")
    person.page.unroute("**/autosave")
    person.look()


def suppose_there_was_no_money(officer: Person, call: str) -> None:
    """The list that was just approved, replayed on a page that a phone shows too."""
    officer.go("/programme/what-if")
    officer.page.check(f'input[name=call][value="{call}"]')
    officer.press("main form button")
    for typed in ("none", "0"):
        officer.fill({"scenarios.0.envelope_bp": typed})
        officer.press("main form button")
        assert officer.page.locator(".govuk-error-summary").count() == (typed == "none")
    assert "1 application has another outcome" in officer.page.inner_text("main")
    officer.page.set_viewport_size({"width": 375, "height": 900})
    officer.look()
    officer.page.set_viewport_size({"width": 1280, "height": 900})


def test_scores_become_an_approved_list(platform: Platform, chromium: Browser, desks: Desks) -> None:
    case = desks.screened()
    (first, one), (second, other) = case.assignments.items()
    phone = signed_in(platform, chromium, one, width=375, language="da")
    desktop = signed_in(platform, chromium, other, width=1280, language="en")
    officer = signed_in(platform, chromium, user_name("officer", 2, case.region), width=1280, language="en")
    officer.go(f"/officer/evaluation/{case.call}")
    submitted = officer.page.locator('.govuk-summary-list__row:has-text("Score sheets submitted") dd')
    before = int(submitted.inner_text())
    score(phone, first, 90)
    expect(submitted).to_have_text(str(before + 1), timeout=20_000)  # the page was not loaded again by the officer
    expect(officer.page.locator("#live")).to_contain_text("Brought up to date")
    officer.look()
    expect(phone.page.locator(SHEETS)).to_have_count(1)  # a colleague's sheet stays hidden until both are submitted
    score(desktop, second, 80)
    phone.go(f"/evaluator/assignments/{first}")
    expect(phone.page.locator(SHEETS)).to_have_count(2)

    officer.go("/officer/evaluation/late")
    assert "No score sheet is late." in officer.page.inner_text("main")
    officer.go("/officer/evaluation")
    officer.go(f"/officer/evaluation/{case.call}")
    officer.press(f'a[href="/officer/cases/{case.application}/evaluation"]')
    assert "85.00 of 100 points" in officer.page.inner_text("main")
    officer.go(f"/officer/calls/{case.call}/ranking?budget=1&threshold=60")
    assert "1 outcome differs from the record." in officer.page.inner_text("main")
    officer.press('a[role=button]:has-text("Approve the ranking list")')
    officer.press('form button:has-text("Approve and publish")')
    assert "approved and published" in officer.page.inner_text("main")
    suppose_there_was_no_money(officer, case.call)
    officer.go("/officer/evaluators")
    officer.press("tbody a")
    officer.fill({"languages": True, "employer": "Another Firm"})
    officer.press('form button:has-text("Register the evaluator")')
    assert "The evaluator is changed." in officer.page.inner_text("main")

    applicant = signed_in(platform, chromium, case.applicant, width=375, language="en")
    applicant.press(f'form[action="/organisations/{case.organisation}/act"] button')
    applicant.go(f"/applications/{case.application}/appeal")
    assert "is to be granted" in applicant.page.inner_text("main")
    applicant.press('a[href$="/draw"]')
    assert "commitment, list, seed and order fit together" in applicant.page.inner_text("main")
    assert applicant.page.locator("tbody strong").count() == 1  # its own place
    for person in (phone, desktop, officer, applicant):
        assert person.faults() == {}
