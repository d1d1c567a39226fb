"""Hours with a mentor: planned by an officer, booked on a phone without a script, recorded by the mentor, confirmed, and in the report.
The call gets more hours by two persons."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser

from simulation.provider.people import user_name
from tests.desks.conftest import Platform
from tests.desks.hours import REGION, HoursCase, voucher_of_hours
from tests.desks.stages import Desks
from tests.portal.person import Person

pytestmark = pytest.mark.timeout(420)
BUTTON, ERRORS, MAIN = "main form button", ".govuk-error-summary", "main"


@pytest.fixture(scope="module")
def case(desks: Desks) -> HoursCase:
    return desks.play(voucher_of_hours)


def person(platform: Platform, chromium: Browser, user: str, width: int = 1280, *, script: bool = True) -> Person:
    one = Person(chromium, platform.address, width=width, language="en", script=script)
    one.sign_in(user)
    return one


def faults(*persons: Person) -> dict[str, list[str]]:
    return {where: found for one in persons for where, found in one.faults().items()}


def test_hours_are_planned_booked_attended_and_used_up(platform: Platform, case: HoursCase, chromium: Browser) -> None:
    zone, voucher = ZoneInfo(case.call.policy.zone), f"/vouchers/{case.voucher['id']}"
    officer = person(platform, chromium, user_name("officer", 1, REGION))
    ada = person(platform, chromium, case.beneficiary, 375, script=False)
    mentor = person(platform, chromium, case.mentor, 375)

    officer.go(f"/officer/calls/{case.call.call_id}")
    officer.press(f'main a[href="/officer/calls/{case.call.call_id}/sessions"]')
    begins = (case.call.now + timedelta(days=3)).astimezone(zone).replace(second=0, microsecond=0)
    officer.fill({"title": "Pricing of design", "place": "Budafabriek", "seats": "1", "host_organisation_id": case.host})
    officer.fill({"starts_at": f"{begins:%Y-%m-%dT%H:%M}", "ends_at": f"{begins + timedelta(hours=12):%Y-%m-%dT%H:%M}"})
    officer.press(BUTTON)
    assert officer.page.locator(f'{ERRORS} a[href="#mentor"]').is_visible()
    assert officer.page.input_value("#title") == "Pricing of design"
    officer.fill({"mentor": "design strategist"})
    officer.press(BUTTON)
    assert "The session is planned." in officer.page.inner_text(MAIN)

    ada.go(voucher)
    ada.press(f'main a[href^="{voucher}/sessions/"]')
    ada.press(BUTTON)
    assert "The session is booked." in ada.page.inner_text(MAIN), ada.page.inner_text(MAIN)

    mentor.go("/hosting")
    mentor.press('main a[href^="/hosting/"]')
    while not mentor.page.locator(BUTTON).first.is_visible():  # until it begins
        mentor.page.wait_for_timeout(2_000)
        mentor.page.reload()
    code = mentor.page.locator('main input[id^="code-"]').get_attribute("id") or ""
    mentor.fill({code: "KRT-1"})
    mentor.press(BUTTON)
    assert mentor.page.locator(f'{ERRORS} a[href="#{code}"]').is_visible()
    mentor.fill({code: case.voucher["code"]})
    mentor.press(BUTTON)
    assert "It is recorded." in mentor.page.inner_text(MAIN), mentor.page.inner_text(MAIN)

    ada.go(voucher)
    ada.press(f'main a[href^="{voucher}/bookings/"][href$="/confirmation"]')
    ada.press(BUTTON)
    held = ada.page.locator(".govuk-summary-list").first.inner_text()
    assert ("Used up" in held, held.count("12 hours"), held.count("0 minutes")) == (True, 1, 2), held

    auditor = person(platform, chromium, user_name("auditor", 1, REGION))
    auditor.go("/programme/regions")
    assert "Hours: Used up" in auditor.page.inner_text(MAIN)
    officer.go("/officer/attendance")
    officer.press('main tbody a[href^="/officer/attendance/"]')
    assert "Recorded by" in officer.page.inner_text(MAIN), officer.page.inner_text(MAIN)
    officer.go("/officer/aid")
    assert officer.page.locator(f'main a[href="/officer/aid/{case.voucher["id"]}"]').is_visible()
    officer.press(f'main a[href="/officer/aid/{case.voucher["id"]}"]')
    assert "Hours or places, by their value" in officer.page.inner_text(MAIN)
    assert faults(officer, ada, mentor, auditor) == {}


def test_call_gets_more_hours_by_two_persons(platform: Platform, case: HoursCase, chromium: Browser) -> None:
    officer = person(platform, chromium, user_name("officer", 1, REGION))
    finance = person(platform, chromium, user_name("finance", 2, REGION))
    more = f"/officer/calls/{case.call.call_id}/capacity"
    officer.go(f"/officer/calls/{case.call.call_id}")
    officer.press(f'main a[href="{more}"]')
    officer.press(BUTTON)
    assert officer.page.locator(f'{ERRORS} a[href="#vouchers"]').is_visible()
    officer.fill({"vouchers": "2", "reason": "The mentor has more time."})
    officer.press(BUTTON)
    assert "It is proposed." in officer.page.inner_text(MAIN), officer.page.inner_text(MAIN)
    finance.go("/finance")
    finance.press('main a[href="/finance/capacities?awaiting=true"]')
    finance.press('main a[href*="/changes/"]')
    finance.press(BUTTON)
    officer.go(more)
    assert "48 hours" in officer.page.inner_text(MAIN)  # two vouchers at first, and two more
    assert faults(officer, finance) == {}
