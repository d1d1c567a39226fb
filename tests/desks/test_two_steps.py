"""Two steps: an expression of interest is sent on a phone without a script, an officer approves the list, the invitation waits on the home
page, and the application begins with what was answered before."""

import pytest
from playwright.sync_api import Browser

from simulation.provider.people import user_name
from tests.desks.conftest import Platform
from tests.desks.stages import Desks
from tests.desks.two_steps import APPLICANT, REGION, invited, listed, published
from tests.portal.person import Person

pytestmark = pytest.mark.timeout(420)
BUTTON, MAIN = "main form button", "main"


def test_interest_leads_to_an_invitation_and_an_application(platform: Platform, desks: Desks, chromium: Browser) -> None:
    case = desks.play(published)
    ada = Person(chromium, platform.address, width=375, language="en", script=False)
    ada.sign_in(APPLICANT)
    acting = f'form[action="/organisations/{case.organisation}/act"] button'
    if ada.page.locator(acting).count():  # the person acts for applicants of other tests too
        ada.press(acting)
    ada.go(f"/applications/{case.draft}/submission")
    ada.press(BUTTON)
    assert ada.page.locator(".govuk-error-summary").is_visible()  # not declared
    ada.fill({"declared": True})
    ada.press(BUTTON)
    assert ada.path == f"/applications/{case.draft}", ada.page.inner_text(MAIN)

    desks.play(lambda _api, _state: listed(case))
    officer = Person(chromium, platform.address, width=1280, language="en")
    officer.sign_in(user_name("officer", 2, REGION))
    officer.go(f"/officer/calls/{case.interest.call_id}/ranking")
    officer.press('a[role=button]:has-text("Approve the ranking list")')
    officer.press('form button:has-text("Approve and publish")')
    assert "approved and published" in officer.page.inner_text(MAIN)

    desks.play(lambda _api, _state: invited(case))
    officer.go(f"/officer/calls/{case.full.call_id}")
    officer.press(f'main a[href="/officer/calls/{case.full.call_id}/invitations"]')
    assert "Not begun" in officer.page.inner_text(MAIN)
    ada.go("/home")
    ada.press('main a:has-text("Begin the application you are invited to")')
    assert "What you answered in your expression of interest is taken over" in ada.page.inner_text(MAIN)
    ada.press(BUTTON)
    assert ada.page.locator("h1").inner_text() == case.title
    ada.press('main a[href$="/sections/project"]')
    assert ada.page.input_value('[id="project.title"]') == case.title, "carried over"
    ada.go("/home")
    assert "Begin the application you are invited to" not in ada.page.inner_text(MAIN)
    assert {where: found for one in (ada, officer) for where, found in one.faults().items()} == {}
