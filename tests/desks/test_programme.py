"""Administrators, auditors, programme: a role is given by two, a case is explained from its record, regions stand side by side."""

import pytest
from playwright.sync_api import Browser

from tests.desks.conftest import Platform
from tests.desks.stages import FIRST_COME, Case, Desks
from tests.portal.person import Person
from tests.support.open_awards import faults

pytestmark = pytest.mark.timeout(400)
PLACE = "koprivnica"


@pytest.mark.parametrize(("language", "width", "number"), [("en", 1280, 10), ("hr", 375, 11)])
def test_role_is_given_by_two_and_a_case_explained(
    platform: Platform, chromium: Browser, desks: Desks, language: str, width: int, number: int
) -> None:
    case = desks.offered()
    browsers = [Person(chromium, platform.address, width=width, language=language) for _ in range(4)]
    newcomer, one, two, auditor = browsers
    one.sign_in(f"administrator-1.{PLACE}")
    two.sign_in(f"administrator-2.{PLACE}")
    confirm(one, two, propose(one, f"evaluator-{number}@{PLACE}.example"))
    newcomer.sign_in(f"evaluator-{number}.{PLACE}")
    assert newcomer.page.locator('a[href="/audit"]').count() >= 1, "the role that two have given holds"
    invite(one, f"nobody-{number}@{PLACE}.example")
    auditor.sign_in(f"auditor-1.{PLACE}")
    explain(auditor, case)
    look_around(auditor)
    assert {place: found for one in browsers for place, found in one.faults().items()} == {}


def propose(one: Person, email: str) -> str:
    """The page of the person, found by the address, for whom the role is proposed. What was chosen stays when the reason is missing."""
    one.go("/administration/people")
    one.fill({"email": email})
    one.press("main form button")
    one.press("main tbody a")
    one.press('main a[href*="/roles/new"]')
    one.fill({"role": "auditor", "region": FIRST_COME})
    one.press("main form button")
    assert one.page.locator(".govuk-error-summary a").get_attribute("href") == "#reason"
    assert one.page.input_value("[id=role]") == "auditor"
    one.fill({"reason": "appointed"})
    one.press("main form button")
    assert one.page.locator(".govuk-notification-banner--success").count() == 1, one.page.inner_text("main")
    return one.path


def invite(one: Person, email: str) -> None:
    """A role waits for who has never signed in, and is taken back."""
    one.go("/administration/roles/new")
    one.fill({"email": email, "role": "officer", "region": FIRST_COME, "valid_until": "2026-12-31", "reason": "replacement"})
    one.press("main form button")
    assert one.path == "/administration/invitations", one.page.inner_text("main")
    one.press("main tbody a")
    one.fill({"reason": "mistake"})
    one.press("main form button")
    assert one.page.locator(".govuk-notification-banner--success").count() == 1


def confirm(one: Person, two: Person, page: str) -> None:
    """The first administrator is shown no choice; the second one decides."""
    for person in (one, two):
        person.go(page)
        person.press("main table tbody tr:first-child a")
        if person is one:
            assert person.page.locator("input[name=act]").count() == 0
    two.page.check('input[value="confirmation"]')
    two.fill({"reason": "appointed"})
    two.press("main form button")
    assert two.path == page
    assert two.page.locator(".govuk-notification-banner--success").count() == 1
    two.go("/administration/roles?state=granted")
    two.go("/administration/people")
    two.go("/administration/invitations")


def explain(auditor: Person, case: Case) -> None:
    auditor.go("/audit")
    auditor.fill({"ref": "HR-0-0"})
    auditor.press("main form button")
    assert auditor.page.locator(".govuk-error-summary").count() == 1
    auditor.fill({"ref": case.application})
    auditor.press("main form button")
    assert auditor.path == "/audit/case"
    events = auditor.page.locator("main table").last.locator("tbody tr")
    shown = events.count()
    assert shown >= 8
    assert "demo" in auditor.page.locator("main ol").inner_text().lower(), "a decision has the name of who took it"
    auditor.page.select_option("[id=service]", "vouchers")
    auditor.press("main form button")
    assert 0 < events.count() < shown


def look_around(auditor: Person) -> None:
    auditor.go("/audit/accesses/applications")
    auditor.go("/audit/samples")
    auditor.fill({"region": FIRST_COME, "size": "many", "seed": ""})
    auditor.press("main form button")
    assert {link.get_attribute("href") for link in auditor.page.locator(".govuk-error-summary a").all()} == {"#size", "#seed"}
    auditor.fill({"size": "5", "seed": "the number of the day"})
    auditor.press("main form button")
    assert auditor.page.locator("[id=drawn]").count() == 1
    auditor.go("/programme/regions")
    assert auditor.page.locator("svg.triptych-chart__bar").count() > 0
    auditor.go("/search?ref=nothing-of-that-name")
    auditor.go("/open-data")
    records = auditor.page.request.get(auditor.address + "/api/applications/open-awards").json()["grants"]
    assert records
    assert {record["id"]: faults(record) for record in records if faults(record)} == {}, "as the standard asks of each award"
