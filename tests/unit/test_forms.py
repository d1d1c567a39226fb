"""Forms as data: what the project ships, what a file may say, and what `triptych calls check` names."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from operations.check_files import faults_of
from operations.cli.main import app
from services.applications.domain.form import Form, paths
from shared.kernel.errors import NotFound
from shared.policy.answers import Answer
from shared.policy.form import BLIND_PARTS, COMMON, EXTRA, WELL_KNOWN, FormDefinition
from shared.policy.loader import LoadError, load_book, load_form
from tests.support.applications import BOOK, REGIONS

IN_FORCE = {
    "common/form-2025-12-01@7237a0f8d1ca",
    "be-kortrijk/creative-voucher/form-2025-12-01@d6817210a501",
    "dk-kolding/growth-voucher/form-2025-12-01@0746a176cf95",
    "dk-kolding/growth-voucher/form-2025-12-02@dceaaebbcabb",
    "gr-central-macedonia/innovation-voucher/form-2025-12-01@eca02ef1a505",
    "hr-koprivnica/digital-voucher/form-2025-12-01@c7bacd1d1185",
    "hr-koprivnica/digital-voucher/form-2025-12-02@de4ab4eab339",
    "pl-malopolska/bon-na-innowacje/form-2025-12-01@c380504ac584",
}
"""Ids to which calls are pinned. An id is added here when its file takes effect and never leaves."""
FILE = "be-kortrijk/creative-voucher/form-2025-12-01.toml"
HEAD = 'region = "be-kortrijk"\nscheme = "creative-voucher"\neffective_from = 2025-12-01\nextends = 2025-12-01\n'
YES_NO = 'answer = { type = "yes-no" }'
LABEL = 'label = { en = "Why?", nl = "Waarom?" }'


def question(code: str, rest: str = YES_NO, label: str = LABEL, section: str = "project") -> str:
    return f'\n[[questions]]\nid = "{code}"\nsection = "{section}"\n{label}\n{rest}\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the regions that are shipped."""
    return Path(shutil.copytree(REGIONS, tmp_path / "regions"))


def faults_in(folder: Path, text: str) -> list[str]:
    """Of the form of Kortrijk with this content, without the name of the file."""
    (folder / FILE).write_text(HEAD + text)
    return [fault.split(".toml: ", 1)[1] for fault in faults_of(folder / FILE)]


def loaded(folder: Path, text: str) -> FormDefinition:
    (folder / FILE).write_text(HEAD + text)
    return load_form(folder / FILE)


def test_forms_in_force_keep_their_ids() -> None:
    """A file in force that changes strands every call that is pinned to the old id."""
    assert {form.id for form in BOOK.forms} >= IN_FORCE


@pytest.mark.parametrize("path", sorted(REGIONS.glob("**/*.toml")), ids=lambda path: str(path.relative_to(REGIONS)))
def test_every_file_that_is_shipped_is_sound(path: Path) -> None:
    assert faults_of(path) == []


def test_well_known_ids_are_the_answers_of_the_typed_form() -> None:
    parts = {name for name, info in Form.model_fields.items() if name not in ("language", "synthetic")}
    assert set(WELL_KNOWN) == set(paths()) - parts - {"synthetic"}
    cores = [form for form in BOOK.forms if form.scheme is None]
    assert {question.id for core in cores for question in core.questions} == set(WELL_KNOWN)


def test_two_regions_ask_questions_of_their_own() -> None:
    own = {(form.region, form.scheme): {one.answer.type for one in form.questions if one.id.startswith(EXTRA)} for form in BOOK.forms}
    assert {region for (region, _), kinds in own.items() if kinds >= {"table", "choices", "long-text"}} == {
        "gr-central-macedonia",
        "be-kortrijk",
    }


def test_form_of_the_scheme_comes_before_the_common_core(folder: Path) -> None:
    (folder / FILE).unlink()
    book, day = load_book(folder), date(2025, 12, 15)
    assert book.form_in_force("hr-koprivnica", "digital-voucher", day).region == "hr-koprivnica"
    assert book.form_in_force("be-kortrijk", "creative-voucher", day).region == COMMON
    with pytest.raises(NotFound, match="No form is in force"):
        book.form_in_force("be-kortrijk", "creative-voucher", date(2025, 11, 30))
    with pytest.raises(NotFound, match="was its file changed"):
        book.form("be-kortrijk/creative-voucher/form-2025-12-01@84f22297c2b5")
    assert book.form(None).region == COMMON


def test_translation_is_no_part_of_the_id(folder: Path) -> None:
    first = loaded(folder, question("extra.why"))
    assert loaded(folder, question("extra.why", label='label = { en = "Why?", nl = "Waarom dan?" }')).id == first.id
    assert loaded(folder, question("extra.why", label='label = { en = "What for?", nl = "Waarom?" }')).id != first.id
    assert loaded(folder, question("extra.why", f"required = true\n{YES_NO}")).id != first.id


def test_one_entry_adds_leaves_out_and_changes(folder: Path) -> None:
    text = (
        'leave_out = ["project.s3_field"]\n[change."project.summary"]\nlabel = { en = "In short" }\nanswer = { max_length = 300 }\n'
        '[change.language]\nanswer = { options = ["nl"] }\n' + question("extra.why", f'after = "project.title"\n{YES_NO}')
    )
    form = loaded(folder, text)
    ids = [one.id for one in form.questions_of("project")]
    assert ids[:3] == ["project.title", "extra.why", "project.summary"]
    assert "project.s3_field" not in ids
    summary = form.by_id["project.summary"]
    assert (summary.label["en"], summary.label["nl"]) == ("In short", "Wat u wilt doen")
    properties = form.json_schema["properties"]
    assert properties["project.summary"]["maxLength"] == 300
    assert properties["language"] == {"enum": ["nl"]}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (question("project.titel"), "project.titel: is no yes-no of the common core"),
        (question("project.title"), "project.title: stands twice"),
        (question("extra.why", section="elsewhere"), "extra.why: there is no section elsewhere"),
        (question("extra.why", f'after = "extra.how"\n{YES_NO}'), "extra.why: nothing called extra.how stands before it"),
        ('leave_out = ["extra.how"]', "extra.how: the common core has no such question"),
        ('leave_out = ["project.title"]', "project.title: has to be asked, required and without a condition"),
        ('[change."costs.requested_minor"]\nrequired = false', "costs.requested_minor: has to be asked, required"),
        ('[change."project.summary"]\nblinds = true', "project.summary: blinds: Extra inputs are not permitted"),
        ("[change.language]\nanswer = { options = ['de'] }", "language: there is no option de"),
        ('[change."applicant.name"]\nblind = true', "applicant.name: may say who applies"),
        (question("extra.who", 'blind = true\nanswer = { type = "person" }'), "extra.who: may say who applies"),
        (question("extra.plan", 'answer = { type = "file", kinds = ["exe"] }'), "questions.0.answer.file.kinds.0: Input should be 'pdf'"),
        (question("extra.plan", 'blind = true\nanswer = { type = "file" }'), "extra.plan: may say who applies"),
        (question("applicant.cv", 'answer = { type = "file" }', section="applicant"), "applicant.cv: is no file of the common core"),
        (question("extra.why", 'answer = { type = "number", minimum = 5, maximum = 4 }'), "extra.why: its limits contradict each other"),
        (question("extra.why", 'answer = { type = "text", pattern = "(" }'), "extra.why: the pattern ( cannot be read"),
        (
            question("extra.why", f'when = [{{ question = "extra.how", answered = true }}]\n{YES_NO}'),
            "extra.why: asks about extra.how, which",
        ),
        (
            question("extra.a", f'when = [{{ question = "extra.b", equals = true }}]\n{YES_NO}') + question("extra.b"),
            "extra.a: asks about extra.b, which does not stand before it",
        ),
        (
            question("extra.why", f'when = [{{ question = "project.title", equals = "a", answered = true }}]\n{YES_NO}'),
            "questions.0.when.0: Value error, a condition has exactly one of equals, one_of, answered",
        ),
        (question("extra.why", label='label = { nl = "Waarom?" }'), "extra.why: there is no English text"),
        (
            question("extra.sum", 'answer = { type = "table", columns = [], sums = [] }'),
            "questions.0.answer.table.columns: Tuple should have at least 1 item",
        ),
        (
            question(
                "extra.sum",
                'answer = { type = "table", columns = [{ key = "a", label = { en = "A", nl = "A" }, answer = { type = "money" } }], '
                'sums = [{ column = "b" }] }',
            ),
            "questions.0.answer.table: Value error, sums: there is no column of numbers b",
        ),
        (
            question(
                "extra.sum",
                'answer = { type = "table", columns = [{ key = "a", label = { en = "A", nl = "A" }, answer = { type = "money" } }], '
                'sums = [{ column = "a", equals = "project.title" }] }',
            ),
            "extra.sum: a sum equals project.title, which is no number",
        ),
    ],
)
def test_form_that_would_break_a_case_is_not_loaded(folder: Path, text: str, fault: str) -> None:
    assert any(one.startswith(fault) for one in faults_in(folder, text)), faults_in(folder, text)
    with pytest.raises(LoadError):
        load_book(folder)


def when(about: str, wanted: str) -> str:
    return f'when = [{{ question = "{about}", {wanted} }}]\n{YES_NO}'


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (question("extra.why", when("language", 'equals = "de"')), ["extra.why: is never asked: language is never de"]),
        (question("extra.why", when("project.title", "answered = false")), ["extra.why: is never asked: project.title is always answered"]),
        (
            question("extra.a", when("language", 'equals = "de"')) + question("extra.b", when("extra.a", "equals = true")),
            ["extra.a: is never asked: language is never de", "extra.b: is never asked: extra.a is never asked"],
        ),
        (
            question(
                "extra.why",
                'when = [{ question = "language", equals = "nl" }, { question = "language", one_of = ["en"] }]\n' + YES_NO,
                section="transition",
            )
            + '[[sections]]\nkey = "transition"\ntitle = { en = "T" }',
            ["extra.why: is never asked: language is to be several things at once", "sections.transition: no text in nl"],
        ),
        (
            question(
                "extra.why",
                'when = [{ question = "project.topics", equals = "film" }, { question = "project.topics", equals = "music" }]\n' + YES_NO,
            ),
            [],
        ),
        (
            question(
                "extra.why",
                'when = [{ question = "project.s3_field", answered = false }, '
                '{ question = "project.s3_field", equals = "tourism" }]\n' + YES_NO,
            ),
            ["extra.why: is never asked: project.s3_field is to be answered and not answered"],
        ),
        (question("extra.why", label='label = { en = "Why?" }'), ["extra.why: no text in nl"]),
        (
            question("extra.why", 'answer = { type = "choice", options = [{ value = "a", label = { en = "A" } }] }'),
            ["extra.why.a: no text in nl"],
        ),
        ('leave_out = ["applicant.nuts"]', ["applicant.nuts: is left out, but the rule place needs it"]),
        (
            '[change."applicant.nuts"]\nwhen = [{ question = "applicant.country", equals = "BE" }]',
            ["applicant.nuts: is not asked of everyone, but the rule place needs it"],
        ),
        (
            '[change."project.title"]\nanswer = { max_length = 201 }',
            ["project.title: maxLength is above 200, the most of the typed form"],
        ),
        (
            ('[change."de_minimis.aid"]\nanswer = { sums = [], columns = ['
            '{ key = "a", label = { en = "A", nl = "A" }, answer = { type = "money" } }] }'),
            ["de_minimis.aid: its columns are amount_minor, granted_on"],
        ),
    ],
)  # fmt: skip
def test_check_names_what_the_author_has_to_know(folder: Path, text: str, faults: list[str]) -> None:
    assert faults_in(folder, text) == faults
    load_book(folder)  # and yet it loads


def test_file_that_stands_in_the_wrong_place_is_not_loaded(folder: Path) -> None:
    (folder / FILE).write_text(HEAD.replace("be-kortrijk", "dk-kolding"))
    with pytest.raises(LoadError, match="is 'dk-kolding', but the file stands under 'be-kortrijk'"):
        load_form(folder / FILE)
    (folder / FILE).write_text(HEAD.replace("extends = 2025-12-01", "extends = 2025-12-02"))
    with pytest.raises(LoadError, match="extends: there is no"):
        load_form(folder / FILE)


def test_command_line_checks_forms_policies_and_calls(folder: Path) -> None:
    call, policy = folder / "be-kortrijk/calls/creative-voucher-2026-1.toml", folder / "be-kortrijk/creative-voucher/2026-12-01.toml"
    sound = CliRunner().invoke(app, ["calls", "check", str(folder / FILE), str(call), str(policy)])
    assert (sound.exit_code, sound.output.strip()) == (0, "3 checked, nothing is wrong.")
    policy.write_text(policy.read_text().replace('translations = { nl = "De zetel ligt niet in het arrondissement Kortrijk." }\n', ""))
    call.write_text(call.read_text().replace('currency = "EUR"', 'currency = "PLN"'))
    (folder / FILE).write_text(HEAD + question("extra.why", label='label = { en = "Why?" }'))
    faulty = CliRunner().invoke(app, ["calls", "check", str(folder / FILE), str(call), str(policy)])
    assert faulty.exit_code == 1
    for named in ("extra.why: no text in nl", "currency: The policy pays in EUR", "eligibility.rules.place: no text in nl"):
        assert named in faulty.output


TABLE = {"type": "table", "columns": [{"key": "a", "label": {"en": "A"}, "answer": {"type": "money"}}], "most": 1}
OPTIONS = [{"value": "a", "label": {"en": "A"}}, {"value": "b", "label": {"en": "B"}}]


@pytest.mark.parametrize(
    ("answer", "good", "bad"),
    [
        ({"type": "text", "max_length": 3}, ["abc", "Ζήτ"], ["abcd", "", 1]),
        ({"type": "long-text"}, ["a\nb", "x" * 5000], ["x" * 5001]),
        ({"type": "texts", "most": 2}, [[], ["a", "b"]], [["a", "b", "c"], [""], "a"]),
        ({"type": "e-mail"}, ["a@b.example"], ["a", "a@b", "a b@c.example"]),
        ({"type": "phone"}, ["+30 2310 123-456", "056 22 33 44"], ["call me", "+", "1"]),
        ({"type": "number", "minimum": 1, "maximum": 3}, [1, 3], [0, 4, "2", True]),
        ({"type": "money"}, [0, 10**13], [-1, 10**13 + 1, 1.5]),
        ({"type": "date"}, ["2026-02-28"], ["2026-02-30", "28.2.2026", 20260228]),
        ({"type": "choice", "options": OPTIONS}, ["a"], ["c", ["a"]]),
        ({"type": "choices", "options": OPTIONS, "most": 2}, [["a", "b"]], [["a", "a"], ["c"], "a"]),
        ({"type": "yes-no"}, [True, False], ["yes", 1]),
        ({"type": "declaration"}, [True, False], ["on"]),
        ({"type": "organisation"}, [{"name": "School"}], [{}, {"name": "S", "colour": "red"}, {"name": "S", "country": "Belgium"}]),
        ({"type": "person"}, [{"name": "Ana", "email": "a@b.example"}], [{"email": "a@b.example"}, {"name": "Ana", "phone": "x"}]),
        ({"type": "file"}, [[]], [["plan.pdf"]]),
        (TABLE, [[], [{"a": 1}]], [[{"a": 1}, {"a": 2}], [{}], [{"a": "1"}], [{"a": 1, "b": 2}]]),
    ],
    ids=lambda value: value.get("type") if isinstance(value, dict) else None,
)
def test_each_type_takes_what_it_says(answer: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    core = BOOK.form(None)
    asked = core.by_id["project.title"].model_copy(update={"answer": TypeAdapter(Answer).validate_json(json.dumps(answer))})
    validator = FormDefinition(
        region=COMMON, scheme=None, effective_from=core.effective_from, sections=core.sections, questions=(asked,)
    ).validator
    assert [value for value in good if not validator.is_valid({"project.title": value})] == []
    assert [value for value in bad if validator.is_valid({"project.title": value})] == []


def test_who_applies_is_never_shown_to_the_blind() -> None:
    for form in BOOK.forms:
        assert {one.id for one in form.questions if one.blind and not one.id.startswith(BLIND_PARTS)} == set()
