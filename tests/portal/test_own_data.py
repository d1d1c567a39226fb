"""A person takes the own data along, and closes the account. These applicants are in no other test."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser

from simulation.provider.people import PASSWORD
from tests.portal.conftest import Platform
from tests.portal.person import Person
from tests.portal.test_journeys import begin, register
from tests.portal.visitor import Visitor

pytestmark = pytest.mark.timeout(300)
DATA, CLOSE = 'main a[href="/account/data"]', 'main a[href="/account/close"]'


def downloaded(person: Person) -> dict[str, Any]:
    person.go("/account")
    person.press(DATA)
    with person.page.expect_download() as download:
        person.press('main a[href="/account/data/download"]')
    assert download.value.suggested_filename.startswith("triptych-")
    held: dict[str, Any] = json.loads(download.value.path().read_text())
    return held


@pytest.mark.parametrize(
    ("user", "language", "width", "script", "keyboard"),
    [("applicant-2.kortrijk", "nl", 375, True, True), ("applicant-2.malopolska", "en", 1280, False, False)],
    ids=["dutch-phone-keyboard", "english-without-script"],
)
def test_account_is_closed_and_the_next_is_new(
    platform: Platform, chromium: Browser, user: str, language: str, width: int, script: bool, keyboard: bool
) -> None:
    person = Person(chromium, platform.address, width=width, language=language, script=script, keyboard=keyboard)
    person.sign_in(user)
    old = downloaded(person)["profile"]
    assert old["email"]
    person.go("/account/data")
    person.press(CLOSE)
    assert person.path == "/account/close"
    person.press("main form button")
    person.page.wait_for_url(platform.address + "/account-closed")
    person.look()
    person.page.goto(platform.address + "/account")
    assert not person.page.url.startswith(platform.address + "/account"), "signed out"
    person.sign_in(user)
    new = downloaded(person)["profile"]
    assert (new["email"], new["id"] == old["id"]) == (old["email"], False)
    assert person.faults() == {}


def test_page_says_what_to_do_before_the_account_can_be_closed(platform: Platform, chromium: Browser) -> None:
    person = Person(chromium, platform.address, width=375, language="en")
    person.sign_in("applicant-2.central-macedonia")
    register(person, "DK", "10000009")
    organisation = person.path
    begin(platform, person, "dk-kolding")
    person.page.wait_for_timeout(3000)
    person.go("/account/close")
    assert person.page.locator(f'main a[href="{organisation}"]').is_visible()
    assert person.page.locator("main form").count() == 0
    assert person.faults() == {}


def test_old_sign_in_is_renewed_before_the_account_is_closed(platform: Platform, chromium: Browser) -> None:
    """The provider asks for the password again, and the person comes back to the page, where nothing has happened yet."""
    person = Person(chromium, platform.address, width=1280, language="en")
    person.sign_in("applicant-3.malopolska")
    platform.age_sign_ins(20)
    register(person, "PL", "1234563218")  # the portal acts for the organisation with another token of the old sign-in
    person.go("/account/close")
    person.press("main form button")
    assert not person.page.url.startswith(platform.address + "/"), "at the provider"
    person.page.fill("input[name=password]", PASSWORD)
    person.page.press("input[name=password]", "Enter")
    person.page.wait_for_url(platform.address + "/account/close")
    person.press("main form button")
    person.page.wait_for_url(platform.address + "/account-closed")
    assert person.faults() == {}


def test_form_of_another_site_closes_no_account(platform: Platform) -> None:
    visitor = Visitor(platform.address)
    visitor.sign_in("applicant-3.central-macedonia")
    assert visitor.ask("POST", "/account/close", data={}).status_code == 400
    assert visitor.is_signed_in
