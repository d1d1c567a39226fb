"""A region or an activity is found by a word and chosen, by keyboard and without a script; sums follow what is typed."""

from playwright.sync_api import Browser, expect

from tests.portal.conftest import Platform
from tests.portal.person import Person
from tests.portal.test_journeys import FIRM, begin, fill_in

SEAT = {name: value for name, value in FIRM.items() if name != "activity_code"}


def test_code_is_chosen_by_keyboard(platform: Platform, chromium: Browser) -> None:
    person = Person(chromium, platform.address, width=375, language="pl", keyboard=True)
    person.go(f"/calls/{platform.calls['pl-malopolska']}/check?language=pl")
    page, field = person.page, person.page.locator("#nuts")
    person.fill({"nuts": "krakow"})
    expect(page.locator("#nuts\\:list [role=option]")).not_to_have_count(0)
    expect(field).to_have_attribute("aria-expanded", "true")
    person.look()
    page.keyboard.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    assert field.input_value() == "krakow"
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#nuts\\:list [aria-selected=true]")
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    code = chosen.inner_text().split()[0]
    page.keyboard.press("Enter")
    assert field.input_value().startswith(f"{code} ")
    assert page.url.startswith(f"{platform.address}/calls/"), "Enter chose and did not send the form"
    person.fill({"activity_code": "projektowania graficznego"})
    expect(page.locator("#activity_code\\:list [role=option]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("#activity_code").startswith("74.12 Działalność")
    person.fill({"staff": "2", "small_accounts": True, "public_control-2": True, "total_cost": "20.000", "requested": "9 000", "aid": "0"})
    person.press("main form button")
    assert page.locator(".govuk-panel--confirmation").is_visible(), page.inner_text("main")
    person.go(f"/calls/{platform.calls['pl-malopolska']}/check?nuts=krakow")
    assert page.locator('[name="nuts:picked"]').count() == 2
    assert not person.faults(), person.faults()


def test_code_is_chosen_without_script_and_sums_follow(platform: Platform, chromium: Browser) -> None:
    """Words are answered with a list; what is chosen there is saved. The costs are summed when the page is saved."""
    person = Person(chromium, platform.address, width=1200, language="en", script=False)
    person.sign_in("applicant-2.malopolska")
    person.go("/organisations/new")
    person.fill({"country": "HR", "tax_number": "81793146560", **SEAT, "nuts": "koprivnicko", "activity_code": "nonsense"})
    person.press("main form button")
    assert person.page.locator('[name="activity_code:picked"]').count() == 0
    person.page.check('[name="nuts:picked"][value="HR063"]')
    person.fill({"activity_code": "museum"})
    person.press("main form button")
    assert person.page.input_value("#nuts").startswith("HR063 ")
    person.page.check('[name="activity_code:picked"][value="91.21"]')
    person.press("main form button")
    assert person.path.startswith("/organisations/"), person.page.inner_text("main")
    assert "91.21 Museum and collection activities" in person.page.inner_text("main")
    draft = begin(platform, person, "hr-koprivnica")
    person.go(f"{draft}/sections/applicant")
    assert person.page.input_value('[id="applicant.activity_code"]') == "91.21 Museum and collection activities"
    person.fill({"applicant.activity_code": "graphic design"})
    person.press("main form button")
    person.page.check('[name="applicant.activity_code:picked"][value="74.12"]')
    person.press("main form button")
    costs = {"costs.total_cost_minor": "10.000", "costs.requested_minor": "9.000", "costs.own_contribution_minor": "500"}
    fill_in(person, {"costs": costs})
    person.go(f"{draft}/sections/costs")
    said = person.page.inner_text('[data-panel="costs"]')
    assert "The aid asked is €1,000 more than 80 % of the total cost.".replace(" %", "\u00a0%") in said
    assert "€500 of the total cost is not covered by aid, own contribution or other public funding." in said


def test_sums_and_headroom_follow_while_one_types(platform: Platform, chromium: Browser) -> None:
    person = Person(chromium, platform.address, width=375, language="en")
    person.sign_in("applicant-3.malopolska")
    person.go("/organisations/new")
    person.fill({"country": "HR", "tax_number": "33392005961", **FIRM, "nuts": "HR063"})
    person.press("main form button")
    draft = begin(platform, person, "hr-koprivnica")
    person.go(f"{draft}/sections/costs")
    panel = person.page.locator('[data-panel="costs"]')
    person.fill({"costs.total_cost_minor": "10.000", "costs.requested_minor": "9.000", "costs.own_contribution_minor": "1.000"})
    expect(panel).to_contain_text("The aid asked is €1,000 more than")
    person.look()
    person.fill({"costs.requested_minor": "8.000", "costs.own_contribution_minor": "2.000"})
    expect(panel).to_contain_text("Within the limits of the call.")
    person.go(f"{draft}/sections/state-aid")
    person.fill({"de_minimis.aid[0].granted_on": "2025-05-01", "de_minimis.aid[0].amount_minor": "295.000"})
    expect(person.page.locator('[data-panel="aid"]')).to_contain_text("asks for €3,000 more than is left")
    person.look()
    person.fill({"de_minimis.aid[0].granted_on": "2027-05-01"})
    expect(person.page.locator("td [data-said]")).to_contain_text("today or earlier")
    expect(person.page.locator("[data-status]")).to_have_text("Saved")
    person.look()
    assert not person.faults(), person.faults()
