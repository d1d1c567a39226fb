"""The applicant's way in a real browser: from the check of eligibility to the receipt, with two people, in three languages."""

import re

import pytest
from playwright.sync_api import Browser

from simulation.demo.organisations import fictional_tax_number
from simulation.demo.seeded_random import SeededRandom
from tests.portal.conftest import Platform
from tests.portal.person import Person

pytestmark = pytest.mark.timeout(300)
TAX_NUMBERS = {"HR": ("17346347311", "34167211068"), "GR": ("094259216",), "PL": ("5260001246",)}
PLACES = {"HR": "HR063", "GR": "EL522", "PL": "PL213", "DK": "DK032", "BE": "BE254"}
FIRM = {
    "name": "Demo Studio", "seat.street": "Demo Street 1", "seat.postcode": "10001", "seat.town": "Demo Town", "activity_code": "74.10",
    "size.staff": "2", "size.year": "2024", "size.turnover": "80.000", "size.balance": "12 000,50",
}  # fmt: skip
PROJECT = {
    "project.title": "Demo project", "project.summary": "A made-up summary.", "project.starts_on": "2026-03-01",
    "project.ends_on": "2026-08-31", "project.topics": True,
}  # fmt: skip
COSTS = {"costs.total_cost_minor": "10.000", "costs.requested_minor": "5 000,00", "costs.own_contribution_minor": "5.000"}
WORDS = "Please say for whom the project is."
SECTIONS: dict[str, dict[str, object]] = {
    "firm": {"firm.public_control_bp": "0"}, "project": {**PROJECT}, "costs": {**COSTS}, "state-aid": {"de_minimis.declared": True},
}  # fmt: skip
OWN: dict[str, dict[str, dict[str, object]]] = {
    "pl-malopolska": {"firm": {"firm.turnover_minor": "80.000", "firm.balance_minor": "12.000"}},  # the profile's are in euros
    "gr-central-macedonia": {
        "project": {"extra.innovation-kinds": True},
        "costs": {"extra.budget[0].kind": "advice", "extra.budget[0].what": "Σχεδιασμός", "extra.budget[0].cost_minor": "10.000"},
    },
}


def register(person: Person, country: str, number: str) -> None:
    person.go("/organisations/new")
    person.fill({"country": country, "tax_number": "12", **FIRM, "nuts": PLACES[country]})
    person.press("main form button")
    assert person.page.locator(".govuk-error-summary").is_visible()
    assert person.page.input_value('[id="seat.town"]') == FIRM["seat.town"]
    person.fill({"tax_number": number})
    person.press("main form button")
    assert re.fullmatch(r"/organisations/[0-9a-f-]{36}", person.path), person.page.inner_text("main")


def fill_in(person: Person, sections: dict[str, dict[str, object]]) -> None:
    """Each section by its button, from the list of tasks and back to it."""
    for name, values in sections.items():
        person.press(f'a[href$="/sections/{name}"]')
        person.fill(values)
        person.press('main form button:not([name="more"])')
        assert person.path.rpartition("/")[0] == "/applications", person.page.inner_text("main")


def begin(platform: Platform, person: Person, region: str) -> str:
    """The path of a new draft."""
    person.go(f"/applications/new?call={platform.calls[region]}")
    person.press("main form button")
    assert re.fullmatch(r"/applications/[0-9a-f-]{36}", person.path), person.page.inner_text("main")
    return person.path


def send(person: Person, changed: str = "") -> str:
    """The receipt number, after a first try without the declaration. `changed`: the only answer that is shown as changed."""
    person.press('a[href$="/submission"]')
    shown = person.page.locator('main ul a[href*="#"]').evaluate_all("links => links.map(one => one.hash.slice(1))")
    assert shown == ([changed] if changed else [])
    person.press("main form button")
    assert person.page.locator(".govuk-error-summary").is_visible()
    person.fill({"declared": True})
    person.press("main form button")
    assert person.page.locator(".govuk-panel--confirmation strong").is_visible(), person.page.inner_text("main")
    return person.page.locator(".govuk-panel--confirmation strong").inner_text()


def correct(person: Person, draft: str) -> None:
    """From home to the question that the officer has words for, and to a second submission; nothing else may change."""
    person.go("/home")
    person.press(f'main a[href="{draft}"]')
    assert WORDS in person.page.inner_text("main")
    person.press('main a[href$="/submission"]')
    assert person.page.locator(".govuk-warning-text").first.is_visible(), "nothing is changed yet"
    person.go(draft)
    person.press('main a[href$="#project.summary"]')
    assert WORDS in person.page.inner_text('[data-question="project.summary"]')
    assert person.page.locator('[id="project.title"]').get_attribute("readonly") is not None
    person.fill({"project.summary": "A summary that says for whom."})
    person.press('main form button:not([name="more"])')
    person.press('main a[href$="/sections/project"]')
    assert person.page.locator('[data-question="project.summary"] .govuk-tag').is_visible()
    assert not person.page.locator('[data-question="project.title"] .govuk-tag').is_visible()
    person.go(draft)
    send(person, changed="project.summary")


@pytest.mark.parametrize(
    ("country", "region", "language", "width", "script", "keyboard"),
    [
        ("HR", "hr-koprivnica", "en", 1200, True, False),
        ("GR", "gr-central-macedonia", "el", 375, True, False),
        ("PL", "pl-malopolska", "pl", 1200, False, False),
        ("HR", "hr-koprivnica", "en", 1200, True, True),
    ],
    ids=["english", "greek-phone", "polish-without-script", "english-keyboard"],
)
def test_way_from_the_check_to_the_receipt(
    platform: Platform, chromium: Browser, country: str, region: str, language: str, width: int, script: bool, keyboard: bool
) -> None:
    person = Person(chromium, platform.address, width=width, language=language, script=script, keyboard=keyboard)
    person.go(f"/calls?language={language}")
    person.go(f"/calls/{platform.calls[region]}/check")
    firm = {"nuts": PLACES[country], "activity_code": "74.10", "staff": "2", "small_accounts": True, "public_control-2": True}
    person.fill({**firm, "total_cost": "10.000", "requested": "5 000,00", "aid": "0"})
    person.press("main form button")
    assert person.page.locator(".govuk-panel--confirmation").is_visible(), person.page.inner_text("main")
    person.sign_in(f"applicant-{2 if keyboard else 1}.{region.partition('-')[2]}")
    register(person, country, TAX_NUMBERS[country][keyboard])
    draft = begin(platform, person, region)
    fill_in(person, {name: values | OWN.get(region, {}).get(name, {}) for name, values in SECTIONS.items()})
    assert re.fullmatch(r"[A-Z]{3}-\d{4}-\d{4}-\d{4}-[0-9A-Z*]", send(person))
    platform.send_back(draft, region, {"project.summary": WORDS})
    correct(person, draft)
    person.go("/home")
    person.press(f'main a[href="{draft}"]')
    person.press('a[href$="/withdrawal"]')
    person.press("main form button")
    assert person.path == "/home"
    person.go("/account")
    assert not person.faults(), person.faults()


def test_two_people_write_one_draft(platform: Platform, chromium: Browser) -> None:
    """What both change in one section is kept; what both change in one answer is shown to the second, and neither text is lost."""
    first, second = (Person(chromium, platform.address, width=1200, language="en") for _ in range(2))
    first.sign_in("applicant-1.kolding")
    register(first, "DK", "13585628")
    first.fill({"email": "applicant-2@kolding.example", "role": True})
    first.press('form[action$="/invitations"] button')
    second.sign_in("applicant-1.kolding")  # at another computer: an invitation goes by mail
    draft = begin(platform, first, "dk-kolding")
    for person in (first, second):
        person.go(f"{draft}/sections/project")
    first.page.fill('[id="project.title"]', "The first title")
    first.page.locator("[data-status]", has_text="Saved").wait_for()
    second.page.fill('[id="project.summary"]', "The second summary")
    second.page.locator("[data-status]", has_text="Saved").wait_for()
    second.page.fill('[id="project.title"]', "The second title")
    second.page.locator("[data-status]", has_text="Somebody else").wait_for()
    second.press('main form button:not([name="more"])')
    assert "The first title" in second.page.inner_text(".govuk-error-summary")
    assert second.page.input_value('[id="project.title"]') == "The second title"
    second.press('main form button:not([name="more"])')
    first.go(f"{draft}/sections/project")
    assert first.page.input_value('[id="project.title"]') == "The second title"
    assert first.page.input_value('[id="project.summary"]') == "The second summary"
    assert not first.faults() | second.faults(), (first.faults(), second.faults())


def test_nothing_typed_is_lost(platform: Platform, chromium: Browser) -> None:
    """Not by a network that is gone for a while, and not by a sign-out in another tab."""
    person = Person(chromium, platform.address, width=375, language="en")
    person.sign_in("applicant-1.kortrijk")
    register(person, "BE", "0428759497")
    draft = begin(platform, person, "be-kortrijk")
    person.go(f"{draft}/sections/project")
    person.page.context.set_offline(True)
    person.page.fill('[id="project.title"]', "Typed in a tunnel")
    person.page.locator("[data-status]", has_text="Not saved").wait_for()
    person.page.context.set_offline(False)
    person.page.locator("[data-status]", has_text=re.compile("^Saved$")).wait_for()
    tab = person.page.context.new_page()
    tab.goto(f"{platform.address}/account")
    tab.click('main form[action="/sign-out"] button')
    tab.wait_for_url(f"{platform.address}/signed-out")
    person.page.fill('[id="project.summary"]', "Typed after the session")
    person.page.locator("[data-status]", has_text="Your session has ended").wait_for()
    person.page.click('main form button:not([name="more"])')
    person.sign_in_again("applicant-1.kortrijk", f"{draft}/**")
    assert person.page.input_value('[id="project.title"]') == "Typed in a tunnel"
    assert person.page.input_value('[id="project.summary"]') == "Typed after the session"
    person.press('main form button:not([name="more"])')
    assert person.path == draft


def test_text_of_any_kind_is_text(platform: Platform, chromium: Browser) -> None:
    """HTML, and as much as a field takes in each of the scripts, is shown as it was typed."""
    person = Person(chromium, platform.address, width=1200, language="en")
    person.sign_in("applicant-3.kortrijk")
    register(person, "BE", "0403019261")
    draft = begin(platform, person, "be-kortrijk")
    title = '<script>document.title="x"</script>{{ 7*7 }} "&amp;'
    for text in ("Ελληνικά ", "čćžšđ ", "ąęłżź ", "æøå ", "ëïü ", "<b>a</b> "):
        person.go(f"{draft}/sections/project")
        summary = (text * 1000)[:5000].strip()
        person.page.fill('[id="project.summary"]', summary)
        person.page.fill('[id="project.title"]', title)
        person.press('main form button:not([name="more"])')
        assert person.path == draft, person.page.inner_text("main")
        person.go(f"{draft}/sections/project")
        assert person.page.input_value('[id="project.summary"]') == summary
    assert title in person.page.inner_text(".govuk-back-link")
    assert not person.faults(), person.faults()


def test_long_word_makes_no_page_wider(platform: Platform, chromium: Browser) -> None:
    """Each page is measured when it is looked at."""
    person = Person(chromium, platform.address, width=375, language="el")
    person.sign_in("applicant-2.central-macedonia")
    register(person, "GR", fictional_tax_number("GR", SeededRandom("long word")))
    organisation, word = person.path, "Ω" * 200
    person.go(f"{organisation}/profile")
    person.fill({"name": word, "seat.street": word, "seat.town": word})
    person.press("main form button")
    draft = begin(platform, person, "gr-central-macedonia")
    fill_in(person, {"project": {"project.title": word}})
    for path in ("/home", "/account", organisation, f"{draft}/sections/costs", f"{draft}/submission", f"{draft}/withdrawal"):
        person.go(path)
    assert not person.faults(), person.faults()
