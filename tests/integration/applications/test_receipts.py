"""The receipt of an application as PDF: what it says, of which version, in which language, and who gets it."""

from typing import Any

import pytest

from shared.contracts.evaluation import EvaluatorAssigned, EvaluatorDeclared
from shared.identity.actor import Actor, Role, grants
from shared.kernel.ids import new_id
from shared.policy.call import load_call
from shared.privacy.keys import destroy_key
from shared.texts.formats import day, moment, money
from shared.texts.languages import LANGUAGES
from simulation.sample_answers import with_own_answers
from tests.integration.applications.conftest import OFFER, Desk
from tests.support.applications import (
    AUDITOR,
    BOOK,
    FIRM,
    HERE,
    OFFICER,
    OPEN,
    OTHER_FIRM,
    REGIONS,
    applicant,
    call_definition,
    evaluator,
    form_with,
    policy,
)  # fmt: skip
from tests.support.documents import Pdf, read_pdf

ZONE = "Europe/Zagreb"
READER = evaluator("e-1")


@pytest.fixture
async def draft(desk: Desk, call_id: str) -> str:
    return str((await desk.draft(call_id, FIRM))["id"])


async def content_of(desk: Desk, identity: str, actor: Actor | None = None, language: str = "en", expect: int = 200) -> Any:
    headers = {"Authorization": f"Bearer {desk.issuer.mint(actor or applicant())}", "Accept-Language": language}
    answer = await desk.client.get(f"/api/applications/applications/{identity}/receipt", headers=headers)
    assert answer.status_code == expect, answer.text
    if expect != 200:
        return answer.json()["code"]
    assert (answer.headers["content-type"], answer.headers["content-language"]) == ("application/pdf", language)
    assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == ("nosniff", "no-store")
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''KPR-")
    return answer.content


async def pdf_of(desk: Desk, identity: str, language: str = "en") -> Pdf:
    return read_pdf(await content_of(desk, identity, language=language))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_receipt_is_in_the_language_of_its_reader(desk: Desk, draft: str, language: str) -> None:
    receipt = await desk.submit(draft, FIRM)
    found = await pdf_of(desk, draft, language)
    assert (found.language, found.marked, found.pdf_ua) == (language, True, "1")
    assert receipt["receipt"] in found.title
    assert found.made == "D:20251220090000Z"
    definition, title = BOOK.form(None), call_definition().title
    for text in (
        receipt["receipt"], receipt["digest"], moment(OPEN, ZONE, language), title.get(language) or title["en"], "Sample Studio One",
        *(section.title[language] for section in definition.sections), definition.by_id["project.summary"].label[language],
    ):  # fmt: skip
        assert "".join(text.split()) in found.joined, text
    assert ("Declared" in found.text) == (language == "en")


async def test_answers_are_shown_as_their_types_say(desk: Desk, draft: str) -> None:
    aid = [{"granted_on": "2024-05-01", "amount_minor": 123_456}]
    await desk.change(draft, FIRM, de_minimis__aid=aid, applicant__owners=["Ada & Søn", "#[Βήτα]"], firm__public_control_bp=1_250)
    file = await desk.give(draft, FIRM, name="Προσφορά #1 *.pdf")
    await desk.submit(draft, FIRM)
    found = await pdf_of(desk, draft)
    shown = (
        money(123_456, "EUR", "en"), money(800_000, "EUR", "en"), day(OPEN.date().replace(2024, 5, 1), "en"), "Friday 1 May 2026", "12.5 %",
        "Design", "Ada & Søn #[Βήτα]", "Προσφορά #1 *.pdf", f"{file['size_bytes']} bytes", f"SHA-256: {file['sha256']}", "No answer",
    )  # fmt: skip
    for text in shown:
        assert "".join(text.split()) in found.joined, text
    assert found.tags.count("TH") == 2


async def test_own_questions_tables_and_sums_are_shown(desk: Desk) -> None:
    """Of a call of another region."""
    region = "gr-central-macedonia"
    definition = next(form for form in BOOK.forms if form.region == region)
    path = next((REGIONS / region / "calls").glob("*.toml"))
    call = load_call(path, BOOK)[0]
    officer, there = Actor("officer-gr", grants({Role.OFFICER}, {region})), Actor("applicant-gr", grants({Role.APPLICANT}, {region}), FIRM)
    call_id = (await desk.request(officer, "POST", "/calls", 201, json=call.model_dump(mode="json")))["id"]
    desk.clock.instant = call.instants("Europe/Athens").opens_at
    form = with_own_answers(form_with(language="el", applicant__country="GR", applicant__nuts="EL522"), definition)
    body = {"call_id": call_id, "form": form}
    draft = (await desk.request(there, "POST", "/applications", 201, key=f"key-{new_id()}", json=body))["id"]
    await desk.request(there, "POST", f"/applications/{draft}/submission")
    headers = {"Authorization": f"Bearer {desk.issuer.mint(there)}", "Accept-Language": "el"}
    found = read_pdf((await desk.client.get(f"/api/applications/applications/{draft}/receipt", headers=headers)).content)
    budget = definition.by_id["extra.budget"]
    assert "".join(budget.label["el"].split()) in found.joined
    assert "Σύνολο" in found.text
    assert found.joined.count("".join(money(form["extra"]["budget"][0]["cost_minor"], "EUR", "el").split())) >= 2
    assert moment(desk.clock.instant, "Europe/Athens", "el").split(",")[0] in found.words


async def test_the_same_submission_gives_the_same_bytes(desk: Desk, draft: str) -> None:
    await desk.submit(draft, FIRM)
    first = await content_of(desk, draft, language="pl")
    desk.clock.instant = OPEN.replace(day=28)
    assert await content_of(desk, draft, OFFICER, "pl") == first
    assert await content_of(desk, draft, language="da") != first


async def test_correction_is_shown_once_it_is_submitted(desk: Desk, draft: str) -> None:
    offer = await desk.give(draft, FIRM)
    await desk.submit(draft, FIRM)
    first = await content_of(desk, draft)
    await desk.return_for(draft, [OFFER])
    await desk.remove(draft, FIRM, offer["id"])
    new = await desk.give(draft, FIRM, text="Another", name="corrected.pdf")
    assert await content_of(desk, draft) == first
    desk.clock.instant = OPEN.replace(day=22)
    receipt = await desk.submit(draft, FIRM)
    found = await pdf_of(desk, draft)
    assert (new["sha256"] in found.joined, offer["sha256"] in found.joined, receipt["digest"] in found.joined) == (True, False, True)
    assert "Version 2, corrected" in found.text
    assert moment(OPEN, ZONE, "en") in found.words
    assert found.made == "D:20251222090000Z"
    await desk.withdraw(draft, FIRM)
    assert new["sha256"] in (await pdf_of(desk, draft)).joined


async def test_draft_and_erased_application_have_none(desk: Desk, draft: str) -> None:
    assert await content_of(desk, draft, expect=404) == "no-receipt"
    await desk.submit(draft, FIRM)
    async with desk.sessions.begin() as session:
        await destroy_key(session, FIRM, desk.clock.instant)
    assert await content_of(desk, draft, expect=404) == "no-receipt"


async def test_row_of_a_list_has_a_receipt(desk: Desk, call_id: str) -> None:
    row = {"row_key": "row-1", "organisation_id": str(FIRM), "form": form_with()}
    [result] = (await desk.request(OFFICER, "POST", "/imports", json={"call_id": call_id, "rows": [row]}))["results"]
    assert "Sample Studio One" in (await pdf_of(desk, result["application_id"])).text


async def test_nobody_gets_it_who_may_not_read_all(desk: Desk, draft: str, call_id: str) -> None:
    await desk.submit(draft, FIRM)
    foreign = Actor("officer-dk", grants({Role.OFFICER}, {"dk-kolding"}))
    assert await content_of(desk, draft, applicant(OTHER_FIRM), expect=403) == "not-owner"
    assert await content_of(desk, draft, foreign, expect=403) == "foreign-region"
    assert await content_of(desk, draft, READER, expect=403) == "not-permitted"
    about = {"application_id": draft, "call_id": call_id, "region": HERE, "assignment_id": new_id(), "evaluator_id": READER.id}
    await desk.deliver(EvaluatorAssigned(**about, seat=1, due_at=OPEN))
    assert await content_of(desk, draft, READER, expect=403) == "blind-evaluation"
    await desk.deliver(EvaluatorDeclared(**about))
    rules = policy().evaluation
    expect = 403 if rules and rules.blind else 200
    await content_of(desk, draft, READER, expect=expect)
    for actor in (OFFICER, AUDITOR):
        await content_of(desk, draft, actor)
    accesses = await desk.request(AUDITOR, "GET", "/accesses")
    assert {one["reader"] for one in accesses["items"]} >= {OFFICER.id, AUDITOR.id}
