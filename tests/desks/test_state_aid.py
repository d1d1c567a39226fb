"""State aid at two desks: an owner declares a linked firm; an officer takes the list for the register, and records an entry."""

import pytest
from playwright.sync_api import Browser

from portal.officer.registers import registers
from simulation.provider.people import user_name
from tests.desks.conftest import Platform
from tests.desks.stages import FIRST_COME, Desks
from tests.portal.person import Person

pytestmark = pytest.mark.timeout(420)
BUTTON = "main form button"


def test_link_is_declared_and_aid_registered(platform: Platform, desks: Desks, chromium: Browser) -> None:
    case = desks.issued(FIRST_COME)
    owner = Person(chromium, platform.address, width=375, language="en")
    owner.sign_in(case.applicant)
    owner.go(f"/organisations/{case.organisation}")
    owner.press('main a[href$="/links"]')
    owner.fill({"name": "Sample ApS", "country": "DK", "tax_number": "1358562", "kind": True, "valid_from": "2025-01-01"})
    owner.press(BUTTON)
    assert owner.page.locator(".govuk-error-summary").is_visible()
    owner.fill({"tax_number": "13 58 56 28"})
    owner.press(BUTTON)
    assert "13585628" in owner.page.inner_text("main"), owner.page.inner_text("main")
    owner.press('main a[href$="/end"]')
    owner.go(f"/organisations/{case.organisation}")
    owner.press('main a[href$="/aid"]')
    owner.press(BUTTON)
    assert f'href="/applications/{case.application}"' in owner.page.content()
    officer = Person(chromium, platform.address, width=1280, language="en")
    officer.sign_in(user_name("officer", 1, FIRST_COME))
    officer.go("/officer/aid?state=due")
    link = f'main a[href="/officer/aid/{case.voucher}"]'
    with officer.page.expect_download() as waiting:
        officer.page.evaluate("window.location = '/officer/aid?as=csv'")
    content = waiting.value.path().read_text(encoding="utf-8-sig")
    assert content.startswith("register_by,beneficiary,tax_number,amount,currency,amount_eur,rate,granted_on,authority,instrument,sector")
    assert ",grant," in content
    officer.page.goto(f"{platform.address}/officer/aid")
    with officer.page.expect_download() as waiting:
        officer.page.click('main a[href*="as=csv&register="]')
    assert waiting.value.path().read_text(encoding="utf-8-sig").startswith(registers()["HR"].columns[0].header)
    officer.go(f"/officer/applications/{case.application}/undertaking")
    assert "Sample ApS" in officer.page.inner_text("main")
    officer.fill({"name": "Other ApS", "country": "DK", "tax_number": "88146328", "kind": True, "valid_from": "2025-02-01"})
    officer.press("main form:has(#words) button")
    assert officer.page.locator(".govuk-error-summary").is_visible()
    officer.fill({"words": "It stands in the business register."})
    officer.press("main form:has(#words) button")
    assert officer.page.locator(".govuk-inset-text").is_visible()
    officer.go("/officer/aid?state=due")
    officer.press(link)
    officer.press(BUTTON)
    assert officer.page.locator(".govuk-error-summary").is_visible()
    officer.fill({"number": "SA-2025-1", "registered_on": officer.page.evaluate("new Date().toISOString().slice(0, 10)")})
    officer.press(BUTTON)
    assert "from" in officer.page.inner_text(".govuk-error-summary")  # a day of the real calendar; the programme's is another one
    assert {**owner.faults(), **officer.faults()} == {}
