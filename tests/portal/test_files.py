"""Files of an application in a real browser: several at once, refused with a reason, removed, sent, downloaded; also without a script."""

import hashlib
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from simulation.sample_files import sample_pdf
from tests.portal.conftest import Platform
from tests.portal.person import Person
from tests.portal.test_journeys import SECTIONS, begin, fill_in, register, send
from tests.portal.visitor import Visitor
from tests.support.documents import read_pdf
from tests.support.files import PNG

pytestmark = pytest.mark.timeout(300)
SMALL = {"firm.turnover_minor": "80.000", "firm.balance_minor": "12.000"}
WORDS = "The price of the second offer is missing."
FILE = 'input[type="file"][id="{}"]'


def files(folder: Path, *given: tuple[str, bytes]) -> list[Path]:
    """On the disk of the person: a browser that is driven takes a large content too slowly."""
    paths = [folder / name for name, _ in given]
    for path, (_, content) in zip(paths, given, strict=True):
        path.write_bytes(content)
    return paths


def choose(person: Person, question: str, folder: Path, *given: tuple[str, bytes]) -> None:
    """Chooses the files and sends them; with a script until it has said what became of them."""
    person.page.set_input_files(FILE.format(question), files(folder, *given))
    form = person.page.locator("form[data-files]").filter(has=person.page.locator(FILE.format(question)))
    form.locator("button").click()
    if person.script:
        form.locator("[data-status]", has_text=given[-1][0]).wait_for()
    person.look()


def stored(person: Person, question: str) -> list[str]:
    return [one.strip() for one in person.page.locator(f'[data-list="{question}"] dt').all_inner_texts()]


@pytest.mark.parametrize(
    ("width", "script", "language", "user", "number"),
    [(1200, True, "en", "applicant-2.kolding", "20000007"), (375, False, "da", "applicant-3.kolding", "30000005")],
    ids=["script", "phone-without-script"],
)
def test_application_with_a_required_file(
    platform: Platform, chromium: Browser, width: int, script: bool, language: str, user: str, number: str, tmp_path: Path
) -> None:
    person = Person(chromium, platform.address, width=width, language=language, script=script)
    person.sign_in(user)
    register(person, "DK", number)
    draft = begin(platform, person, "dk-kolding")
    sections = {name: values | (SMALL if name == "firm" else {}) for name, values in SECTIONS.items()}
    fill_in(person, sections)
    person.go(f"{draft}/submission")
    person.press('a[href$="/files#extra.cost-estimate"]')  # what is missing leads to the file
    assert person.path.partition("#")[0] == f"{draft}/files"
    question = "extra.cost-estimate"
    person.page.locator(f'form:has([id="{question}"]) button').click()  # without a file
    person.page.wait_for_timeout(300)
    person.look()
    assert stored(person, question) == []
    estimate = sample_pdf("Cost estimate")
    choose(person, question, tmp_path, ("Budget Æ & Ø.pdf", estimate), ("picture.pdf", PNG), ("program.exe", b"MZ" + bytes(50)))
    assert stored(person, question) == ["Budget Æ & Ø.pdf"]
    said = person.page.locator("main").inner_text()
    assert "picture.pdf: " in said
    assert "program.exe: " in said
    choose(person, question, tmp_path, ("second.pdf", sample_pdf("Second")))
    assert stored(person, question) == ["Budget Æ & Ø.pdf", "second.pdf"]
    person.go(f"{draft}/files")
    assert not person.page.locator(FILE.format(question)).count()  # it takes two
    person.press(f'[data-list="{question}"] dl > div:nth-child(2) a[href$="/removal"]')
    assert "second.pdf" in person.page.inner_text("main")
    person.press("main form button")
    assert (person.path.partition("#")[0], stored(person, question)) == (f"{draft}/files", ["Budget Æ & Ø.pdf"])
    person.go(draft)
    send(person)
    link = person.page.locator(f'main a[href^="{draft}/files/"]')
    assert link.inner_text() == "Budget Æ & Ø.pdf"
    with person.page.expect_download() as waiting:
        link.click()
    assert waiting.value.suggested_filename == "Budget Æ & Ø.pdf"
    assert waiting.value.path().read_bytes() == estimate
    with person.page.expect_download() as waiting:
        person.page.locator(f'main a[href="{draft}/receipt"]').click()
    receipt = read_pdf(waiting.value.path().read_bytes())
    assert re.fullmatch(r"KLD-.+\.pdf", waiting.value.suggested_filename)
    assert (receipt.language, receipt.pdf_ua) == (language, "1")
    assert ("Demo Studio" in receipt.text, hashlib.sha256(estimate).hexdigest() in receipt.joined) == (True, True)
    platform.send_back(draft, "dk-kolding", {question: WORDS})
    person.go(f"{draft}/files")
    assert WORDS in person.page.inner_text(f'section:has([data-list="{question}"])')
    other = Visitor(platform.address)
    assert other.ask("GET", f"{draft}/receipt").status_code == 303  # to the sign-in
    other.sign_in("applicant-1.kortrijk")
    assert other.ask("GET", f"{draft}/receipt").status_code in (403, 404)
    assert not person.faults(), person.faults()


def test_files_of_two_questions_on_a_phone(platform: Platform, chromium: Browser, tmp_path: Path) -> None:
    """The list of tasks says how many there are. A file that is too large is refused before it is sent."""
    person = Person(chromium, platform.address, width=375, language="hr")
    person.sign_in("applicant-3.koprivnica")
    register(person, "HR", "11111111119")
    draft = begin(platform, person, "hr-koprivnica")
    person.press('main a[href$="/files"]')
    choose(person, "extra.people", tmp_path, ("životopis s vrlo dugim imenom " + "x" * 100 + ".pdf", sample_pdf("CV")))
    choose(person, "extra.offer", tmp_path, ("ponuda.pdf", sample_pdf("Offer") + bytes(8_000_000)), ("b.png", PNG))
    choose(person, "extra.offer", tmp_path, ("huge.pdf", sample_pdf("Huge") + bytes(10_500_000)))
    assert stored(person, "extra.offer") == ["ponuda.pdf", "b.png"]
    person.go(draft)
    assert "3" in person.page.inner_text("#state-of-files")
    assert not person.faults(), person.faults()


def test_session_that_ended_is_said_and_nothing_is_sent(platform: Platform, chromium: Browser, tmp_path: Path) -> None:
    person = Person(chromium, platform.address, width=1200, language="en")
    person.sign_in("applicant-3.koprivnica")
    register(person, "HR", "22222222226")
    draft = begin(platform, person, "hr-koprivnica")
    person.go(f"{draft}/files")
    person.page.context.clear_cookies(name="__Host-session")
    person.page.set_input_files(FILE.format("extra.offer"), files(tmp_path, ("offer.pdf", sample_pdf("Offer"))))
    person.page.locator('form:has([id="extra.offer"]) button').click()
    person.page.locator("[data-status]", has_text="Your session has ended").wait_for()
    person.page.reload()
    person.page.wait_for_url(f"{platform.address}{draft}/**")  # the provider still knows the person
    assert stored(person, "extra.offer") == []


def test_form_with_files_is_of_this_session_and_whole(platform: Platform, chromium: Browser) -> None:
    """No token, another's token, a token after the file, half a form, no form at all, another's application: refused, nothing is stored."""
    person = Person(chromium, platform.address, width=1200, language="en")
    person.sign_in("applicant-2.koprivnica")
    register(person, "HR", "12345678903")
    path = begin(platform, person, "hr-koprivnica") + "/files"
    visitor = Visitor(platform.address)
    visitor.sign_in("applicant-2.koprivnica")
    token, pdf = visitor.form_token(), ("offer.pdf", sample_pdf("Forged"), "application/pdf")
    fields = {"question": (None, "extra.offer"), "key": (None, "forged-key-1")}
    right = {"form-token": (None, token), **fields, "file": pdf}
    for wrong in (
        {**fields, "file": pdf},
        {"form-token": (None, "0" * 64), **fields, "file": pdf},
        {"file": pdf, "form-token": (None, token), **fields},
    ):
        assert visitor.ask("POST", path, files=wrong).status_code == 400
    whole = httpx.Request("POST", "http://x", files=right)
    body, kind = whole.read(), whole.headers["content-type"]
    for content, header in ((body[: len(body) // 2], kind), (body, "multipart/form-data"), (b"", kind), (body, kind + "x")):
        assert visitor.ask("POST", path, content=content, headers={"Content-Type": header}).status_code == 400
    other = Visitor(platform.address)
    other.sign_in("applicant-1.kortrijk")
    assert other.ask("POST", path, files={**right, "form-token": (None, other.form_token())}).status_code in (403, 404)
    assert "offer.pdf" not in visitor.ask("GET", path).text
    assert visitor.ask("POST", path, files=right).status_code == 303
    assert visitor.ask("POST", path, files=right).status_code == 303  # a double click
    assert visitor.ask("GET", path).text.count(">offer.pdf<") == 1
    assert visitor.ask("POST", path, files={**right, "key": (None, "κλειδί")}).status_code == 422  # the file is there already
