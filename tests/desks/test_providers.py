"""An organisation registers as a provider on a phone; an officer approves it; everybody finds it; another officer ends a suspension."""

import pytest
from playwright.sync_api import Browser

from simulation.provider.people import user_name
from tests.desks.conftest import Platform
from tests.desks.stages import FIRST_COME, Desks
from tests.portal.person import Person
from tests.support.providers import oib

pytestmark = pytest.mark.timeout(300)
BUTTON, ERRORS = "main form button", ".govuk-error-summary"


def test_provider_registers_and_is_found(platform: Platform, desks: Desks, chromium: Browser) -> None:
    case = desks.submitted(FIRST_COME)
    ada = Person(chromium, platform.address, width=375, language="en")
    ada.sign_in(case.applicant)
    ada.press(f'form[action="/organisations/{case.organisation}/act"] button')
    ada.press('main a[href="/provider"]')
    ada.press('main a[href="/provider/registrations/new"]')
    ada.fill({"region": FIRST_COME, "name": "Studio Ordinary", "country": "HR", "tax_number": oib(77)})
    ada.fill({"seat.street": "Via 1", "seat.postcode": "48000", "seat.town": "Koprivnica", "summary": "Design of all kinds."})
    ada.press(BUTTON)
    assert ada.page.locator(f'{ERRORS} a[href="#owners"]').is_visible()
    assert ada.page.input_value("#summary") == "Design of all kinds."
    ada.fill({"service-design": True, "service-digital": True, "owners": "Ana Primjer", "worked_with": "HR12345678903 1.3.2025"})
    ada.press(BUTTON)
    assert "waits for an officer" in ada.page.inner_text("main")
    registration = ada.path

    one, other = (Person(chromium, platform.address, width=1280, language="en") for _ in range(2))
    for officer, number in ((one, 1), (other, 2)):
        officer.sign_in(user_name("officer", number, FIRST_COME))
    one.go("/officer")
    one.press('a[href="/officer/providers?state=applied"]')
    one.press('main a[href^="/officer/providers/"]')
    page = one.path
    one.press(BUTTON)
    one.page.check('input[name="step"][value="approve"]')
    one.press(BUTTON)
    assert one.page.locator(f'{ERRORS} a[href="#since"]').is_visible()
    one.fill({"since": desks.today_in(FIRST_COME)})
    one.page.uncheck('input[name="service-digital"]')
    one.press(BUTTON)
    assert "approved" in one.page.inner_text(".govuk-notification-banner")

    anybody = Person(chromium, platform.address, width=375, language="en")
    anybody.go(f"/providers?region={FIRST_COME}&service=design")
    assert "Studio Ordinary" in anybody.page.inner_text("main")
    assert "Ana Primjer" not in anybody.page.inner_text("main")
    ada.go(registration)
    ada.press('main a[href$="/account"]')
    ada.go("/provider")
    one.go(page)
    one.fill({"reason": "Under inquiry."})
    one.press(BUTTON)
    one.fill({"reason": "Nothing found."})
    one.press(BUTTON)
    assert "another person" in one.page.inner_text(ERRORS), one.page.inner_text("main")
    other.go(page)
    other.fill({"reason": "Nothing found."})
    other.press(BUTTON)
    assert "in the catalogue again" in other.page.inner_text("main")
    assert {**ada.faults(), **one.faults(), **other.faults(), **anybody.faults()} == {}
