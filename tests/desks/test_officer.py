"""The officers' way: a call from a copy, published by a second officer; an application flagged, overruled by two, and returned."""

import pytest
from playwright.sync_api import Browser

from simulation.provider.people import user_name
from tests.desks.conftest import Platform
from tests.desks.stages import FIRST_COME, Desks
from tests.portal.person import Person

pytestmark = pytest.mark.timeout(420)
BUTTON, SCHEME = "main form button", "digital-voucher"


def test_two_officers_publish_a_call_and_screen(platform: Platform, desks: Desks, chromium: Browser) -> None:
    case = desks.submitted(FIRST_COME)
    first = Person(chromium, platform.address, width=1280, language="en")
    second = Person(chromium, platform.address, width=375, language="hr")
    for person, number in ((first, 1), (second, 2)):
        person.sign_in(user_name("officer", number, FIRST_COME))
    draft = write_a_call(first, case.call)
    publish(second, draft)
    add_a_policy(first, second, platform)
    overrule(first, second, case.application)
    return_it(first, case.application)
    first.go("/officer")
    second.go("/officer")
    assert {**first.faults(), **second.faults()} == {}


def write_a_call(person: Person, call: str) -> str:
    """A copy, that lacks its short name and text; the path of the draft."""
    person.go("/officer/drafts/new")
    person.page.check(f'input[value="call:{call}"]')
    person.press(BUTTON)
    person.press('button[value="submit"]')
    assert person.page.locator('.govuk-error-summary a[href="#id"]').is_visible()
    person.fill({"id": "desks-copy", "text.hr": "Za studije.", "text.en": "For studios."})
    person.press('button[value="save"]')
    draft = person.path
    person.go(f"{draft}/preview/en")
    assert "For studios." in person.page.inner_text("main")
    person.go(draft)
    person.press('button[value="submit"]')
    assert "Submitted" in person.page.inner_text("main"), person.page.inner_text("main")
    return draft


def publish(person: Person, draft: str) -> None:
    person.go("/officer")
    assert person.page.locator('a[href="/officer/drafts?state=submitted"]').is_visible()
    person.go(draft)
    person.press(f'a[href^="{draft}/publication"]')
    person.press(BUTTON)
    assert person.path.startswith("/officer/calls/"), person.page.inner_text("main")


def add_a_policy(first: Person, second: Person, platform: Platform) -> None:
    """The newest one of the scheme, from a later day on; first with a fault, which is corrected on the page. Every service learns it."""
    newest = max(platform.state.policies.glob(f"{FIRST_COME}/{SCHEME}/2*.toml"))
    later = newest.read_text().replace(f"\neffective_from = {newest.stem}", "\neffective_from = 2028-01-01")
    first.go("/officer")
    first.press('a[href="/officer/rules"]')
    first.press('a[href="/officer/rules/new"]')
    wrong = {"name": "2028-01-01.toml", "mimeType": "text/plain", "buffer": later.replace("[claims]", "[claim]").encode()}
    first.page.set_input_files("#file", wrong)  # type: ignore[arg-type]
    first.press(BUTTON)
    assert "claims.within: Field required" in first.page.inner_text("main"), first.page.inner_text("main")
    first.page.fill("#text", later)
    first.press('button[value="look"]')
    assert "2028-01-01" in first.page.inner_text("main table"), first.page.inner_text("main")
    first.press('button[value="propose"]')
    assert "Another officer" in first.page.inner_text("main"), first.page.inner_text("main")
    second.go("/officer")
    second.press('a[href="/officer/rules?state=submitted"]')
    second.press(f'a[href="{first.path}"]')
    second.press('main a[href$="/publication"]')
    second.press(BUTTON)
    assert second.page.locator(".govuk-notification-banner--success").is_visible(), second.page.inner_text("main")
    assert "2028-01-01@" in second.page.inner_text("main")


def overrule(first: Person, second: Person, application: str) -> None:
    """Of the rule that the case keeps: until another officer decides, it is not screened."""
    first.go(f"/officer/applications/{application}")
    first.press('a[href$="/rules/place"]')
    first.fill({"words": "The seat was moved."})
    first.press(BUTTON)
    assert "another officer confirms it" in first.page.inner_text("main")
    second.go("/officer/overrules")
    second.press(f'a[href="/officer/applications/{application}"]')
    assert "Demo Officer 1 of Koprivnica" in second.page.inner_text("main")
    second.press('form:has(input[value="confirm"]) button')
    assert second.page.locator(".govuk-notification-banner--success").is_visible(), second.page.inner_text("main")


def return_it(person: Person, application: str) -> None:
    person.go(f"/officer/applications/{application}")
    person.fill({"words": "Ask the register.", "flag": True})
    person.press('form[action="#notes"] button')
    person.press(f'a[href="/officer/applications/{application}/return"]')
    person.press(BUTTON)
    assert person.page.locator('.govuk-error-summary a[href="#fields"]').is_visible()
    person.page.check('input[value="project.summary"]')
    person.fill({"words.project.summary": "For whom is it?", "note": "One answer is missing."})
    person.press(BUTTON)
    assert "gets a letter" in person.page.inner_text("main"), person.page.inner_text("main")
    person.press(".govuk-back-link")
    assert "Returned" in person.page.inner_text("table")
