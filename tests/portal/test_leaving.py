"""Who leaves a page in the middle of typing, for instance to another language, loses nothing."""

import pytest
from playwright.sync_api import Browser, Dialog

from simulation.demo.organisations import fictional_tax_number
from simulation.demo.seeded_random import SeededRandom
from tests.portal.conftest import Platform
from tests.portal.person import Person
from tests.portal.test_journeys import begin, register

pytestmark = pytest.mark.timeout(120)
TITLE, GREEK = '[id="project.title"]', "footer a[lang=el]"


def test_other_language_shows_what_was_just_typed(platform: Platform, chromium: Browser) -> None:
    person = Person(chromium, platform.address, width=375, language="en")
    person.sign_in("applicant-4.malopolska")
    register(person, "PL", fictional_tax_number("PL", SeededRandom("leaving")))
    draft = begin(platform, person, "pl-malopolska")
    person.go(f"{draft}/sections/project")
    person.page.fill(TITLE, "Typed a moment ago")
    person.page.click(GREEK)
    person.page.wait_for_url("**language=el")
    assert person.page.input_value(TITLE) == "Typed a moment ago"
    person.page.fill(TITLE, "Typed in the next language")
    person.page.click("footer a[lang=en]")
    person.page.wait_for_url("**language=en")
    assert person.page.input_value(TITLE) == "Typed in the next language"


def test_half_a_profile_is_left_only_after_a_question(platform: Platform, chromium: Browser) -> None:
    person = Person(chromium, platform.address, width=1200, language="en")
    person.sign_in("applicant-5.malopolska")
    person.go("/organisations/new")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    person.page.on("dialog", stay)
    person.page.locator(GREEK).click()  # nothing was typed
    person.page.wait_for_url("**language=el")
    person.page.fill('[id="seat.town"]', "Half a profile")
    person.page.locator("footer a[lang=en]").click()
    person.page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert person.page.input_value('[id="seat.town"]') == "Half a profile"
    person.page.click("main form button")
    person.page.wait_for_load_state()
    assert person.page.locator(".govuk-error-summary").is_visible()
    assert asked == ["beforeunload"]
