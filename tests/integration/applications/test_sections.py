"""Filling in a form section by section: what is saved, merged and refused, for the core and for a region's own questions."""

import asyncio
from typing import Any

import pytest

from services.applications.tables import ApplicationRow, CallRow
from shared.contracts.applications import ApplicantJoined, ApplicationSubmitted, CallPublished
from shared.identity.actor import Actor, Role, grants
from shared.kernel.ids import new_id
from shared.policy.call import load_call
from simulation.sample_answers import with_own_answers
from tests.integration.applications.conftest import Desk
from tests.support.applications import BOOK, FIRM, OPEN, OTHER_FIRM, REGIONS, applicant, evaluator, form_with
from tests.support.databases import run_as_owner

KORTRIJK = "be-kortrijk"
THERE = Actor("applicant-there", grants({Role.APPLICANT}, {KORTRIJK}), FIRM)
THERE_OFFICER = Actor("officer-there", grants({Role.OFFICER}, {KORTRIJK}))
FORM_THERE = next(form for form in BOOK.forms if form.region == KORTRIJK)
SCRIPTS = {
    "en": "The quick brown fox jumps over the lazy dog. ",
    "el": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. ",
    "hr": "Gojazni đačić s biciklom drži hmelj i finu vatu u džepu nošnje. ",
    "pl": "Zażółć gęślą jaźń. ",
    "da": "Høj bly gom vandt fræk sexquiz på wc. Åh! ",
    "nl": "Pa's wijze lynx bezag vroom het fikse aquaduct; ideeën, coöperatie. ",
}


class Draft:
    """A draft, or an application that was returned, with the requests about its sections."""

    def __init__(self, desk: Desk, actor: Actor, identity: str) -> None:
        self.desk, self.actor, self.id = desk, actor, identity

    async def save(self, section: str, version: int, expect: int = 200, language: str = "", **answers: Any) -> Any:
        """Names of answers are written `project__title`; `extra__green_effect` is 'extra.green-effect'."""
        names = {name: name.replace("__", ".") for name in answers}
        names |= {name: path.replace("_", "-") for name, path in names.items() if path.startswith("extra.")}
        body = {"version": version, "answers": {names[name]: value for name, value in answers.items()}}
        return await self.desk.request(
            self.actor, "PATCH", f"/applications/{self.id}/sections/{section}", expect, language=language, json=body
        )

    async def sections(self) -> dict[str, Any]:
        found = await self.desk.request(self.actor, "GET", f"/applications/{self.id}/sections")
        return {section["section"]: section for section in found}

    async def form(self) -> Any:
        return (await self.desk.request(self.actor, "GET", f"/applications/{self.id}"))["form"]


@pytest.fixture
async def draft(desk: Desk, call_id: str) -> Draft:
    """An empty draft in the call of Koprivnica."""
    body = {"call_id": call_id, "form": {}}
    made = await desk.request(applicant(), "POST", "/applications", 201, key="key-of-draft", json=body)
    return Draft(desk, applicant(), made["id"])


@pytest.fixture
async def there(desk: Desk) -> Draft:
    """A draft in the call of Kortrijk, which asks questions of its own; the core is answered and passes."""
    definition = load_call(REGIONS / KORTRIJK / "calls/creative-voucher-2026-1.toml", BOOK)[0]
    call = await desk.request(THERE_OFFICER, "POST", "/calls", 201, json=definition.model_dump(mode="json"))
    desk.clock.instant = OPEN
    form = form_with(language="nl", applicant__country="BE", applicant__nuts="BE254")
    made = await desk.request(THERE, "POST", "/applications", 201, key="key-of-there", json={"call_id": call["id"], "form": form})
    return Draft(desk, THERE, made["id"])


async def test_sections_say_state_version_and_what_is_missing(draft: Draft) -> None:
    sections = await draft.sections()
    assert list(sections) == ["applicant", "firm", "project", "costs", "state-aid"]
    assert {(one["state"], one["version"]) for one in sections.values()} == {("not-started", 0)}
    assert [one["question"] for one in sections["costs"]["problems"]] == [
        "costs.currency", "costs.total_cost_minor", "costs.requested_minor", "costs.own_contribution_minor",
    ]  # fmt: skip
    saved = await draft.save("costs", 0, costs__currency="EUR", costs__total_cost_minor=1_000_000, language="pl")
    assert (saved["state"], saved["version"]) == ("in-progress", 1)
    assert saved["answers"] == {"costs.currency": "EUR", "costs.total_cost_minor": 1_000_000}
    wanting = {"question": "costs.requested_minor", "place": "costs.requested_minor", "code": "missing", "text": "To pole jest wymagane."}
    assert saved["problems"][0] == wanting
    done = await draft.save("costs", 1, costs__requested_minor=800_000, costs__own_contribution_minor=200_000)
    assert (done["state"], done["version"], done["problems"]) == ("complete", 2, [])
    assert (await draft.desk.row(ApplicationRow, draft.id)).requested_minor == 800_000
    assert [row.type for row in await draft.desk.events()] == [CallPublished.type, ApplicantJoined.type]


async def test_saving_one_field_leaves_the_others(draft: Draft) -> None:
    await draft.save("project", 0, project__title="A title", project__topics=["design", "film"])
    saved = await draft.save("project", 1, project__summary="  In short.  ", project__topics=None)
    assert saved["answers"] == {"project.title": "A title", "project.summary": "In short."}
    assert (await draft.save("project", 2, project__summary="In short."))["version"] == 2  # nothing changed
    assert (await draft.save("project", 2, project__summary=" "))["answers"] == {"project.title": "A title"}
    assert (await draft.form())["project"]["topics"] == []


async def test_code_that_no_list_has_is_refused(draft: Draft) -> None:
    """Rows of cases/rules.md on NUTS and NACE: read as registers write them, refused with field and reason."""
    saved = await draft.save("applicant", 0, applicant__nuts="gr522", applicant__activity_code="62.01.Z", applicant__country="PL")
    assert saved["answers"] | {"applicant.nuts": "EL522", "applicant.activity_code": "62.01"} == saved["answers"]
    elsewhere = {"question": "applicant.nuts", "code": "nuts-elsewhere", "text": "The region EL522 is not in the country Poland."}
    assert elsewhere | {"place": "applicant.nuts"} in saved["problems"]
    for answers, field, reason in (
        ({"applicant__nuts": "HR045"}, "applicant.nuts", "HR045 is a code of NUTS 2016. In NUTS 2024 the region has the code HR063."),
        ({"applicant__nuts": "HR04"}, "applicant.nuts", "HR04 is a region of NUTS 2016, not of NUTS 2024. Choose one from the list."),
        (
            {"applicant__activity_code": "18.99"},
            "applicant.activity_code",
            "This is no activity of NACE Rev. 2.1, 2. Choose one from the list.",
        ),
    ):
        refused = await draft.save("applicant", saved["version"], 422, **answers)
        assert [(one["field"], one["reason"]) for one in refused["errors"]] == [(f"answers.{field}", reason)]
    assert (await draft.form())["applicant"]["nuts"] == "EL522"


async def test_application_of_two_countries_is_not_taken(desk: Desk, call_id: str) -> None:
    body = {"call_id": call_id, "form": form_with(applicant__country="PL")}
    made = await desk.request(applicant(), "POST", "/applications", 201, key="key-of-draft", json=body)
    refused = await desk.request(applicant(), "POST", f"/applications/{made['id']}/submission", 422)
    assert (refused["code"], refused["errors"][0]["field"]) == ("nuts-elsewhere", "applicant.nuts")


async def test_sums_and_headroom_stand_with_the_verdict(desk: Desk, call_id: str) -> None:
    """Awards of the same organisation in the member state count; an offer that was declined, and another organisation's, do not."""
    made = {}
    for name, actor in (("first", applicant()), ("declined", applicant()), ("other", applicant(OTHER_FIRM)), ("now", applicant())):
        body = {"call_id": call_id, "form": form_with(project__title=name, costs__requested_minor=850_000)}
        made[name] = (await desk.request(actor, "POST", "/applications", 201, key=f"key-of-{name}", json=body))["id"]
    decided = "decision = 'granted', decided_at = '2025-12-19T10:00:00Z', amount_minor = 500000"
    for name in ("first", "declined", "other"):
        outcome = ", voucher_outcome = 'declined', voucher_closed_at = decided_at" if name == "declined" else ""
        await run_as_owner(desk.sessions.kw["bind"], f"UPDATE applications SET {decided}{outcome} WHERE id = '{made[name]}'")
    seen = await desk.request(applicant(), "GET", f"/applications/{made['now']}/eligibility")
    assert (seen["currency"], seen["value"]["intensity_bp"]) == ("EUR", 8_000)
    assert seen["costs"]["excesses"] == {"above-intensity": 50_000, "more-than-cost": 50_000}
    room = seen["de_minimis"]
    assert (room["awarded_minor"], room["left_minor"], room["asked_minor"]) == (500_000, 29_500_000, 850_000)
    await desk.request(applicant(OTHER_FIRM), "GET", f"/applications/{made['now']}/eligibility", 403)


async def test_two_people_merge_where_they_change_other_questions(draft: Draft) -> None:
    await draft.save("project", 0, project__title="Title of one")
    merged = await draft.save("project", 0, project__summary="Summary of the other")
    assert merged["answers"] == {"project.title": "Title of one", "project.summary": "Summary of the other"}
    assert merged["version"] == 2


async def test_changed_answer_is_refused_with_both_texts(draft: Draft) -> None:
    await draft.save("project", 0, project__title="Title of one")
    refused = await draft.save("project", 0, 409, project__title="Title of the other", project__summary="More")
    assert refused["code"] == "section-changed"
    assert refused["facts"] == {
        "questions": ["project.title"],
        "version": 1,
        "theirs": {"project.title": "Title of one"},
        "yours": {"project.title": "Title of the other"},
    }
    assert (await draft.sections())["project"]["answers"] == {"project.title": "Title of one"}
    await draft.save("project", 0, project__title="Title of one")  # the same text is no contradiction
    agreed = await draft.save("project", 1, project__title="Title of both", project__summary="More")
    assert agreed["answers"] == {"project.title": "Title of both", "project.summary": "More"}


async def test_of_two_saves_at_once_one_is_refused(draft: Draft) -> None:
    path = f"/api/applications/applications/{draft.id}/sections/project"
    assert draft.desk.issuer
    assert draft.desk.client
    headers = {"Authorization": f"Bearer {draft.desk.issuer.mint(draft.actor)}"}
    bodies = [{"version": 0, "answers": {"project.title": f"Title {number}"}} for number in range(6)]
    answers = await asyncio.gather(*(draft.desk.client.patch(path, headers=headers, json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    saved = next(answer for answer in answers if answer.status_code == 200).json()["answers"]
    assert all(answer.json()["facts"]["theirs"] == saved for answer in answers if answer.status_code == 409)


async def test_whole_form_moves_every_version(draft: Draft) -> None:
    await draft.save("project", 0, project__title="Title of one")
    await draft.desk.change(draft.id, FIRM)
    versions = {name: section["version"] for name, section in (await draft.sections()).items()}
    assert versions == {"applicant": 1, "firm": 1, "project": 2, "costs": 1, "state-aid": 1}
    await draft.desk.change(draft.id, FIRM)  # also of what it does not change
    assert {name: section["version"] - versions[name] for name, section in (await draft.sections()).items()} == dict.fromkeys(versions, 1)
    refused = await draft.save("project", 1, 409, project__title="Title of one, again")
    assert refused["facts"]["theirs"] == {"project.title": "A digital catalogue of patterns"}


@pytest.mark.parametrize(
    ("section", "answers", "field", "code"),
    [
        ("project", {"project__title": "x" * 201}, "answers.project.title", "string-too-long"),
        ("project", {"project__title": "ok", "project__topics": ["cookery"]}, "answers.project.topics.0", "literal-error"),
        ("project", {"project__starts_on": "2026-02-30"}, "answers.project.starts_on", "date-parsing"),
        ("project", {"costs__total_cost_minor": 5}, "answers.costs.total_cost_minor", "extra-forbidden"),
        ("project", {"extra__budget": []}, "answers.extra.budget", "extra-forbidden"),
        ("costs", {"costs__total_cost_minor": 12.5}, "answers.costs.total_cost_minor", "int-type"),
        ("costs", {"costs__total_cost_minor": 12.0}, "answers.costs.total_cost_minor", "int-type"),
        ("costs", {"costs__total_cost_minor": True}, "answers.costs.total_cost_minor", "int-type"),
        ("costs", {"costs__total_cost_minor": -1}, "answers.costs.total_cost_minor", "greater-than-equal"),
        ("costs", {"costs__currency": "PLN"}, "answers.costs.currency", "literal-error"),
        ("firm", {"firm__related": [{"share_bp": 1}]}, "answers.firm.related.0.staff", "missing"),
        ("applicant", {"applicant__email": "nobody"}, "answers.applicant.email", "string-pattern-mismatch"),
        ("applicant", {"applicant__owners": ["  "]}, "answers.applicant.owners.0", "string-too-short"),
        ("state-aid", {"de_minimis__declared": "yes"}, "answers.de_minimis.declared", "bool-type"),
    ],
)
async def test_answer_not_well_formed_is_named_nothing_lost(
    draft: Draft, section: str, answers: dict[str, Any], field: str, code: str
) -> None:
    await draft.save("project", 0, project__title="Kept")
    refused = await draft.save(section, (await draft.sections())[section]["version"], 422, **answers)
    assert field in {one["field"] for one in refused["errors"]}
    assert code in {one["code"] for one in refused["errors"]}
    assert (await draft.form())["project"]["title"] == "Kept"


async def test_unknown_section_and_version_are_refused(draft: Draft) -> None:
    assert (await draft.save("elsewhere", 0, 404))["code"] == "unknown-section"
    assert (await draft.save("project", 1, 422, project__title="x"))["errors"][0]["field"] == "version"


async def test_submitted_application_is_not_saved(desk: Desk, call_id: str) -> None:
    identity = await desk.submitted(call_id, FIRM)
    assert (await Draft(desk, applicant(), identity).save("project", 0, 409, project__title="x"))["code"] == "wrong-state"


async def test_returned_application_is_saved_where_it_was_returned(desk: Desk, call_id: str) -> None:
    returned = Draft(desk, applicant(), await desk.submitted(call_id, FIRM, applicant__street=None))
    await desk.return_for(returned.id, ["project.summary"])
    for version, summary in enumerate(("More.", "Much more.")):
        await returned.save("project", version, project__summary=summary)
    refused = await returned.save("project", 2, 422, project__title="Another project")
    assert refused["code"] == "not-returned-for-this"
    assert (await returned.save("applicant", 0, 422, applicant__street="New street"))["code"] == "not-returned-for-this"
    await desk.submit(returned.id, FIRM)
    assert (await desk.events(ApplicationSubmitted))[-1].body["changed"] == ["project.summary"]


async def test_sections_are_for_those_who_read_the_whole(desk: Desk, call_id: str, draft: Draft) -> None:
    """What an evaluator sees before the declaration is the blind part of the form, by another route."""
    for actor in (applicant(OTHER_FIRM), evaluator("e-1")):
        await desk.request(actor, "GET", f"/applications/{draft.id}/sections", 403)
        await desk.request(actor, "PATCH", f"/applications/{draft.id}/sections/project", 403, json={"version": 0, "answers": {}})


async def test_call_is_pinned_to_its_form(desk: Desk, there: Draft) -> None:
    [call] = await desk.rows(CallRow)
    assert call.form_id == FORM_THERE.id
    shown = await desk.request(THERE, "GET", f"/calls/{call.id}/form", params={"language": "nl"})
    assert (shown["form_id"], shown["language"], shown["currency"], shown["languages"]) == (FORM_THERE.id, "nl", "EUR", ["nl", "en"])
    assert [section["key"] for section in shown["sections"]] == ["applicant", "firm", "project", "transition", "costs", "state-aid"]
    questions = {one["id"]: one for section in shown["sections"] for one in section["questions"]}
    assert questions["extra.transitions"]["options"][0] == {"value": "green", "label": "Groen"}
    assert questions["extra.green-effect"]["when"][0]["equals"] == "green"
    assert [column["label"] for column in questions["extra.budget"]["columns"]] == ["Dienst", "Dagen", "Kosten"]
    assert questions["extra.budget"]["sums"][1] == {"column": "cost_minor", "equals": "costs.total_cost_minor"}
    assert questions["firm.public_control_bp"]["decimals"] == 2
    polish = await desk.request(THERE, "GET", f"/calls/{call.id}/form", params={"language": "pl"})
    labels = {one["id"]: one["label"] for section in polish["sections"] for one in section["questions"]}
    assert (labels["project.title"], labels["extra.transitions"]) == ("Tytuł projektu", "Which transitions does the project serve?")
    assert shown["json_schema"] == FORM_THERE.json_schema


async def test_own_questions_are_asked_checked_and_needed(desk: Desk, there: Draft) -> None:
    refused = await desk.request(THERE, "POST", f"/applications/{there.id}/submission", 422)
    assert refused["facts"]["missing"] == ["extra.transitions", "extra.budget"]
    first = await there.save("transition", 0, extra__transitions=["green", "social"])
    assert first["asked"] == ["extra.transitions", "extra.green-effect", "extra.works-with-school"]
    assert [one["question"] for one in first["problems"]] == ["extra.green-effect"]
    await there.save("transition", 1, extra__green_effect="Less paper.")
    wrong = await there.save("costs", 0, extra__budget=[{"service": "Design", "cost_minor": 999_999}])
    assert [(one["question"], one["code"]) for one in wrong["problems"]] == [("extra.budget", "sum-differs")]
    assert wrong["problems"][0]["text"] == "The sum has to be the answer to Total cost."
    assert (await desk.request(THERE, "POST", f"/applications/{there.id}/submission", 422))["code"] == "sum-differs"
    half = await there.save("costs", 1, 422, extra__budget=[{"service": "Design", "cost_minor": 1_000_000.0}])
    assert [(one["field"], one["code"]) for one in half["errors"]] == [("answers.extra.budget.0.cost_minor", "int-type")]
    right = await there.save("costs", 1, extra__budget=[{"service": "Design", "days": 4, "cost_minor": 1_000_000}])
    assert right["state"] == "complete"
    await desk.request(THERE, "POST", f"/applications/{there.id}/submission")
    [submitted] = await desk.events(ApplicationSubmitted)
    assert submitted.body["form_id"] == FORM_THERE.id


async def test_correction_answers_what_it_makes_necessary(desk: Desk, there: Draft) -> None:
    """Returned for one question, whose new answer asks another one."""
    await there.save("transition", 0, extra__transitions=["social"])
    await there.save("costs", 0, extra__budget=[{"service": "Design", "cost_minor": 1_000_000}])
    await desk.request(THERE, "POST", f"/applications/{there.id}/submission")
    body = {"fields": ["extra.transitions"], "note": ""}
    await desk.request(THERE_OFFICER, "POST", f"/applications/{there.id}/return", json=body)
    await there.save("transition", 1, extra__transitions=["green"])
    for version, words in ((2, "Less paper."), (3, "Less paper, more light.")):
        await there.save("transition", version, extra__green_effect=words)
    assert (await there.save("transition", 4, 422, extra__works_with_school=True))["code"] == "not-returned-for-this"
    await desk.request(THERE, "POST", f"/applications/{there.id}/submission")
    assert (await desk.events(ApplicationSubmitted))[-1].body["changed"] == ["extra.transitions", "extra.green-effect"]


async def test_return_says_of_each_answer_what_to_correct(desk: Desk, there: Draft) -> None:
    """And the applicant sees what has changed since the submission. Words for an answer that stays closed are refused."""
    await there.save("transition", 0, extra__transitions=["social"])
    await there.save("costs", 0, extra__budget=[{"service": "Design", "cost_minor": 1_000_000}])
    assert {name for section in (await there.sections()).values() for name in section["changed"]} == set()
    await desk.request(THERE, "POST", f"/applications/{there.id}/submission")
    summary = (await there.form())["project"]["summary"]
    path, fields = f"/applications/{there.id}/return", ["extra.transitions", "project.summary"]
    words = {"project.summary": "Who is it for?"}
    elsewhere = {"fields": ["extra.transitions"], "words": words}
    assert (await desk.request(THERE_OFFICER, "POST", path, 422, json=elsewhere))["code"] == "words-elsewhere"
    await desk.request(THERE_OFFICER, "POST", path, json={"fields": fields, "words": words})
    shown = await desk.request(THERE, "GET", f"/applications/{there.id}")
    assert (shown["returned_fields"], shown["return_words"]) == (fields, words)
    changed = await there.save("project", (await there.sections())["project"]["version"], project__summary="For schools.")
    assert changed["changed"] == ["project.summary"]
    back = await there.save("project", changed["version"], project__summary=summary)
    assert back["changed"] == []


@pytest.mark.parametrize("language", SCRIPTS)
async def test_ten_thousand_characters_of_every_script(there: Draft, language: str) -> None:
    words = (SCRIPTS[language] * 10_000)[:9_999] + "."
    await there.save("transition", 0, extra__transitions=["green"])
    saved = await there.save("transition", 1, extra__green_effect=words)
    assert saved["answers"]["extra.green-effect"] == words
    assert (await there.form())["extra"]["green-effect"] == words
    refused = await there.save("transition", 2, 422, extra__green_effect=words + "!")
    assert [(one["field"], one["code"]) for one in refused["errors"]] == [("answers.extra.green-effect", "string-too-long")]


async def test_import_answers_the_questions_of_the_call(desk: Desk, there: Draft) -> None:
    [call] = await desk.rows(CallRow)
    importer = Actor("importer", grants({Role.OFFICER}, {KORTRIJK}))
    form = form_with(language="nl", applicant__country="BE", applicant__nuts="BE254")
    rows = [
        {"row_key": "without", "organisation_id": str(new_id()), "form": form},
        {"row_key": "wrong", "organisation_id": str(new_id()), "form": {**form, "extra": {"transitions": ["red"]}}},
        {"row_key": "right", "organisation_id": str(new_id()), "form": with_own_answers(form, FORM_THERE)},
    ]
    results = (await desk.request(importer, "POST", "/imports", json={"call_id": str(call.id), "rows": rows}))["results"]
    assert [(one["outcome"], one["code"], one["field"]) for one in results] == [
        ("refused", "incomplete", "extra.transitions"),
        ("refused", "invalid-form", "extra.transitions.0"),
        ("imported", None, None),
    ]


async def test_call_from_before_forms_asks_the_common_core(desk: Desk, there: Draft) -> None:
    await run_as_owner(desk.sessions.kw["bind"], "UPDATE calls SET form_id = NULL")
    [call] = await desk.rows(CallRow)
    shown = await desk.request(THERE, "GET", f"/calls/{call.id}/form")
    assert shown["form_id"] == BOOK.form(None).id
    await desk.request(THERE, "POST", f"/applications/{there.id}/submission")
    [submitted] = await desk.events(ApplicationSubmitted)
    assert submitted.body["form_id"] is None
