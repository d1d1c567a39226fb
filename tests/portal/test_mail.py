"""Mail as people meet it: the link of an invitation, followed out of the mailbox, and mail that comes back."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from shared.texts import say
from simulation.demo.organisations import fictional_tax_number
from simulation.demo.seeded_random import SeededRandom
from simulation.provider.people import PASSWORD
from tests.portal.conftest import Platform
from tests.portal.person import Person
from tests.portal.test_journeys import FIRM, SECTIONS, begin, fill_in, register, send

pytestmark = pytest.mark.timeout(300)
LINK = 'pre a[href*="/invitation?secret="]'
REFUSED = "This link does not work: it was used by somebody or withdrawn, or its time is over."


def wait_for(seen: Callable[[], bool], seconds: int = 60) -> None:
    """Mail is sent by a worker, and what comes back is read by another round of it."""
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.5)


def open_invitation(platform: Platform, person: Person, address: str) -> None:
    """In the mailbox of the demonstration, the newest invitation to this address: its link, pressed."""
    row = person.page.locator("tr", has_text=address).filter(has_text="Invitation to act for")

    def arrived() -> bool:
        person.page.goto(platform.state.mailbox)
        return row.count() > 0

    wait_for(arrived)
    row.first.locator("a").click()
    person.page.click(LINK)
    person.page.wait_for_url(lambda url: not url.startswith(platform.state.mailbox))


def enter(person: Person, user: str) -> None:
    """At the provider, to which the page has led."""
    person.page.fill("input[name=login]", user)
    person.page.press("input[name=login]", "Enter")
    person.page.fill("input[name=password]", PASSWORD)
    person.page.press("input[name=password]", "Enter")
    person.page.wait_for_url(person.address + "/**")
    person.look()


def test_invitation_leads_from_the_mailbox_to_the_draft(platform: Platform, chromium: Browser) -> None:
    owner = Person(chromium, platform.address, width=1280, language="en")
    colleague = Person(chromium, platform.address, width=375, language="da")
    stranger = Person(chromium, platform.address, width=375, language="pl")
    owner.sign_in("applicant-4.kolding")
    register(owner, "DK", fictional_tax_number("DK", SeededRandom("invitation")))
    organisation = owner.path
    draft = begin(platform, owner, "dk-kolding")
    owner.go(f"{draft}/sections/project")
    owner.fill({"project.title": "A title for two"})
    owner.press('main form button:not([name="more"])')
    owner.go(organisation)
    owner.fill({"email": "applicant-5@kolding.example", "role": True})
    owner.press('form[action$="/invitations"] button')

    open_invitation(platform, owner, "applicant-5@kolding.example")
    owner.press("main form button")
    assert "You act for this organisation already." in owner.page.inner_text("main")

    open_invitation(platform, colleague, "applicant-5@kolding.example")
    enter(colleague, "applicant-5.kolding")
    assert colleague.path == "/invitation"
    assert FIRM["name"] in colleague.page.inner_text("main")
    colleague.press("main form button")
    assert colleague.path == organisation, colleague.page.inner_text("main")
    colleague.go("/home")
    colleague.press(f'main a[href="{draft}"]')
    colleague.press('a[href$="/sections/project"]')
    assert colleague.page.input_value('[id="project.title"]') == "A title for two"

    open_invitation(platform, stranger, "applicant-5@kolding.example")
    enter(stranger, "applicant-5.malopolska")
    assert say("pl", REFUSED) in stranger.page.inner_text("main")
    assert stranger.page.goto(platform.address + organisation).status == 403
    owner.go(organisation)
    assert owner.page.locator("tbody tr").count() == 2
    owner.press('main tbody a[href$="/end"]')  # the only owner has no such link
    owner.press("main form button")
    assert owner.path == organisation
    assert owner.page.locator("tbody tr").count() == 1
    assert colleague.page.goto(platform.address + organisation).status == 403
    assert not owner.faults() | colleague.faults() | stranger.faults()


def test_mail_that_comes_back_is_shown_to_its_person(platform: Platform, chromium: Browser) -> None:
    """By a real SMTP server, and its report; the officer sees it at the case."""
    person = Person(chromium, platform.address, width=375, language="en")
    person.sign_in("gone-mail")
    register(person, "HR", fictional_tax_number("HR", SeededRandom("gone")))
    person.fill({"email": "gone-too@programme.example", "role": True})
    person.press('form[action$="/invitations"] button')
    organisation = person.path
    begin(platform, person, "hr-koprivnica")
    fill_in(person, SECTIONS)
    receipt = send(person)

    def shown_at_home() -> bool:
        person.page.goto(platform.address + "/home")
        return person.page.locator('a[href="/account#mail"]').count() > 0

    wait_for(shown_at_home)
    person.look()
    shown = platform.triptych("cases", "show", receipt)
    assert re.search(r"receipt .*bounced: *status-5\.1\.1", " ".join(shown.split())), shown
    person.go(organisation)
    assert "The mail came back" in person.page.inner_text("main")
    person.go("/home")
    person.press('a[href="/account#mail"]')
    assert "gone-mail@programme.example has come back" in person.page.inner_text("main")
    person.press('form[action="/account/address"] button')
    assert person.page.locator(".govuk-notification-banner--success").is_visible()
    assert person.page.locator("#mail").count() == 0
    assert person.faults() == {}
