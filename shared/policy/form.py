"""The application form of a scheme as data: sections and questions from one date on.

`regions/common/form-<date>.toml` is the common core; `regions/<region>/<scheme>/form-<date>.toml` extends it. A form's id names the file
and the content, so that a case in flight keeps the very questions it began with; translations are no part of it.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Self, TypeVar

import jsonschema_rs
from pydantic import Field, ValidationError, model_validator

from shared.classifications import Scheme
from shared.policy.answers import (
    IDENTIFYING,
    Answer,
    ColumnAnswer,
    ShortText,
    Table,
    columns_of,
    is_given,
    limits_at_odds,
    options_of,
)
from shared.policy.sections import Slug, Strict, Titles

ENGLISH = "en"
COMMON = "common"
"""The folder, and the region, of the common core."""
EXTRA = "extra."

WELL_KNOWN: Mapping[str, str] = {
    "language": "choice",
    **dict.fromkeys(("applicant.name", "applicant.tax_number", "applicant.street", "applicant.postcode", "applicant.town"), "text"),
    "applicant.email": "e-mail",
    **dict.fromkeys(("applicant.country", "applicant.nuts", "applicant.activity_code"), "text"),
    "applicant.activity_revision": "choice",
    "applicant.owners": "texts",
    **dict.fromkeys(("firm.staff", "firm.staff_hundredths"), "number"),
    **dict.fromkeys(("firm.turnover_minor", "firm.balance_minor"), "money"),
    "firm.public_control_bp": "number",
    **dict.fromkeys(("firm.related", "firm.exempt_holders"), "table"),
    "project.title": "text",
    "project.summary": "long-text",
    **dict.fromkeys(("project.starts_on", "project.ends_on"), "date"),
    "project.topics": "choices",
    **dict.fromkeys(("project.s3_field", "project.partner_region", "costs.currency"), "choice"),
    **dict.fromkeys((f"costs.{name}_minor" for name in ("total_cost", "requested", "own_contribution", "other_public")), "money"),
    "de_minimis.declared": "declaration",
    "de_minimis.aid": "table",
    **dict.fromkeys(("de_minimis.sectors", "de_minimis.purposes"), "choices"),
    "de_minimis.apart": "yes-no",
}
"""The answers that rules, money and search use by name, with their type. A question of a region's own has an id under `extra.`."""
CLASSIFIED: Mapping[str, Scheme] = {"applicant.nuts": Scheme.NUTS, "applicant.activity_code": Scheme.NACE}
"""Answers that are codes of a list (`shared.classifications`)."""
INDISPENSABLE = (
    "language", "project.title", "project.starts_on", "project.ends_on",
    "costs.currency", "costs.total_cost_minor", "costs.requested_minor",
)  # fmt: skip
"""Without these no application can be submitted, counted or paid: every form asks for them, of everyone."""
COSTS = "costs."
"""The answers about money, which a form `without_costs` does not ask: its scheme gives no money, and every application has the same."""
BLIND_PARTS = ("project.", "costs.", "language", EXTRA)
"""Where an answer may be shown to those who may not know who applies, if its question says so. Nowhere else."""

QuestionId = Annotated[str, Field(pattern=r"^([a-z_]+(\.[a-z][a-z0-9_]*)?|extra\.[a-z][a-z0-9-]*)$", max_length=80)]
Wanted = str | int | bool
Placed = TypeVar("Placed", "Question", "Section")


class Condition(Strict):
    """What has to hold of the answer to an earlier question: that it is this, one of these, or given (or not) at all. An answer that is
    a list holds when one of its values does."""

    question: QuestionId
    equals: Wanted | None = None
    one_of: Annotated[tuple[Wanted, ...], Field(min_length=1)] | None = None
    answered: bool | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if [self.equals, self.one_of, self.answered].count(None) != 2:
            raise ValueError("a condition has exactly one of equals, one_of, answered")
        return self

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        return self.one_of or (() if self.equals is None else (self.equals,))

    def holds(self, value: Any, *, is_answered: bool) -> bool:
        if self.answered is not None:
            return is_answered is self.answered
        given = value if isinstance(value, list) else [value]
        return any(type(one) is type(wanted) and one == wanted for one in given for wanted in self.wanted)


class Question(Strict):
    """`section` is where it stands, `after` which question it follows there (the last one without it). It is asked when all of `when`
    hold; `required` then. `blind`: its answer does not say who applies."""

    id: QuestionId
    section: Slug
    after: QuestionId | None = None
    label: Titles
    help: Titles = Field(default_factory=dict)
    answer: Answer
    required: bool = False
    blind: bool = False
    when: tuple[Condition, ...] = ()

    def is_answered(self, value: Any) -> bool:
        return is_given(self.answer, value)


class Section(Strict):
    """`after`: the section that it follows, the last one without it."""

    key: Slug
    title: Titles
    help: Titles = Field(default_factory=dict)
    after: Slug | None = None


class FormFile(Strict):
    """A form as it is written down. `extends` is the date of the common core; `leave_out` are questions of it, `change` replaces parts of
    a question of it (of `options` it names the values that stay). `without_costs`: of a scheme that gives no money; none is asked for."""

    region: Slug
    scheme: Slug | None = None
    effective_from: date
    extends: date | None = None
    without_costs: bool = False
    leave_out: tuple[QuestionId, ...] = ()
    change: dict[QuestionId, dict[str, Any]] = Field(default_factory=dict)
    sections: tuple[Section, ...] = ()
    questions: tuple[Question, ...] = ()


class FormDefinition(Strict):
    """A whole form: sections in their order, and all questions in the order in which they are asked."""

    region: Slug
    scheme: Slug | None
    effective_from: date
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]
    without_costs: bool = False

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (64 hex digits) over the content as JSON with sorted keys, without translations."""
        content = _in_english(self.model_dump(mode="json", exclude_unset=True))
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    @property
    def id(self) -> str:
        """'<region>/<scheme>/form-<effective date>@<first 12 hex digits of the content hash>'; the common core has no scheme."""
        folder = f"{self.region}/{self.scheme}" if self.scheme else self.region
        return f"{folder}/form-{self.effective_from}@{self.content_hash[:12]}"

    @cached_property
    def by_id(self) -> Mapping[str, Question]:
        return {question.id: question for question in self.questions}

    @cached_property
    def file_questions(self) -> frozenset[str]:
        return frozenset(question.id for question in self.questions if question.answer.type == "file")

    def questions_of(self, section: str) -> list[Question]:
        return [question for question in self.questions if question.section == section]

    @cached_property
    def json_schema(self) -> dict[str, Any]:
        """Of the answers as one object by question id, in which any may be missing."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {question.id: question.answer.schema_of() for question in self.questions},
            "additionalProperties": False,
        }

    @cached_property
    def validator(self) -> Any:
        """Of `json_schema`; its `iter_errors` gives every fault."""
        return jsonschema_rs.validator_for(self.json_schema, validate_formats=True)

    def asked(self, answers: Mapping[str, Any]) -> list[Question]:
        """The questions whose conditions hold. An answer to a question that is not asked counts as none."""
        asked: dict[str, Question] = {}
        for question in self.questions:
            if all(self._holds(condition, asked, answers) for condition in question.when):
                asked[question.id] = question
        return list(asked.values())

    def unanswered(self, answers: Mapping[str, Any]) -> list[str]:
        """The required questions that are asked and have no answer, in their order."""
        return [one.id for one in self.asked(answers) if one.required and not one.is_answered(answers.get(one.id))]

    @staticmethod
    def _holds(condition: Condition, asked: Mapping[str, Question], answers: Mapping[str, Any]) -> bool:
        question, value = asked.get(condition.question), answers.get(condition.question)
        return condition.holds(value if question else None, is_answered=question is not None and question.is_answered(value))


def compose(file: FormFile, core: FormFile | None) -> FormDefinition:
    """The whole form of a file and the core that it extends. ValueError with every fault, one a line."""
    questions = list(core.questions if core else ())
    known = {question.id for question in questions}
    faults = [f"{name}: the common core has no such question" for name in [*file.leave_out, *file.change] if name not in known]
    left_out = {*file.leave_out, *(name for name in known if file.without_costs and name.startswith(COSTS))}
    questions = [_changed(one, file.change.get(one.id), faults) for one in questions if one.id not in left_out]
    sections = _placed([*(core.sections if core else ()), *file.sections], lambda one: one.key, faults)
    questions = _placed([*questions, *file.questions], lambda one: one.id, faults)
    order = {section.key: place for place, section in enumerate(sections)}
    faults += [f"{one.id}: there is no section {one.section}" for one in questions if one.section not in order]
    questions.sort(key=lambda one: order.get(one.section, 0))
    used = {one.section for one in questions}
    form = FormDefinition(
        region=file.region, scheme=file.scheme, effective_from=file.effective_from,
        sections=tuple(one for one in sections if one.key in used), questions=tuple(questions),
        **({"without_costs": True} if file.without_costs else {}),
    )  # fmt: skip
    faults += _faults_of(form)
    if faults:
        raise ValueError("\n".join(faults))
    return form


def _changed(question: Question, change: Mapping[str, Any] | None, faults: list[str]) -> Question:
    if change is None:
        return question
    content = question.model_dump(mode="json", exclude_unset=True)
    new = dict(change)
    answer = {**content["answer"], **new.pop("answer", {})}
    options = answer.get("options", [])
    if options and all(isinstance(one, str) for one in options):
        known = {one["value"]: one for one in content["answer"]["options"]}
        faults.extend(f"{question.id}: there is no option {one}" for one in options if one not in known)
        answer["options"] = [known[one] for one in options if one in known] or list(known.values())
    for words in ("label", "help"):
        if words in new:
            new[words] = {**content.get(words, {}), **new[words]}
    try:
        return Question.model_validate_json(json.dumps({**content, **new, "answer": answer}, default=str))
    except ValidationError as error:
        faults.extend(f"{question.id}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        return question


def _placed(items: Sequence[Placed], key: Callable[[Placed], str], faults: list[str]) -> list[Placed]:
    """In the order of the file, those with `after` behind that one."""
    placed: list[Placed] = []
    for item in items:
        names = [key(one) for one in placed]
        if key(item) in names:
            faults.append(f"{key(item)}: stands twice")
        elif item.after is not None and item.after not in names:
            faults.append(f"{key(item)}: nothing called {item.after} stands before it")
        else:
            placed.insert(len(placed) if item.after is None else names.index(item.after) + 1, item)
    return placed


def _faults_of(form: FormDefinition) -> Iterator[str]:
    """What would break a case that is pinned to the form."""
    seen: set[str] = set()
    for question in form.questions:
        yield from (f"{question.id}: {fault}" for fault in [*_faults_of_question(question), *_dangling(question, form, seen)])
        seen.add(question.id)
    yield from (f"{where}: there is no English text" for where, text in texts_of(form) if ENGLISH not in text)
    yield from (f"{one.id}: asks for money, and the form is without_costs" for one in form.questions if form.without_costs and _costs(one))
    for name in INDISPENSABLE:
        asked = form.by_id.get(name)
        if form.without_costs and name.startswith(COSTS):
            continue
        if asked is None or not asked.required or asked.when:
            yield f"{name}: has to be asked, required and without a condition"


def _costs(question: Question) -> bool:
    return question.id.startswith(COSTS)


def _faults_of_question(question: Question) -> Iterator[str]:
    kind, common = question.answer.type, not question.id.startswith(EXTRA)
    if common and WELL_KNOWN.get(question.id) != kind:
        yield f"is no {kind} of the common core; an id of a region's own begins with {EXTRA}"
    if question.blind and (not question.id.startswith(BLIND_PARTS) or kind in IDENTIFYING):
        yield "may say who applies, so it cannot be blind"
    if limits_at_odds(question.answer):
        yield "its limits contradict each other"
    for pattern in _patterns(question.answer):
        try:
            jsonschema_rs.validator_for({"type": "string", "pattern": pattern})
        except ValueError:
            yield f"the pattern {pattern} cannot be read"


def _dangling(question: Question, form: FormDefinition, earlier: Collection[str]) -> Iterator[str]:
    yield from (f"asks about {one.question}, which does not stand before it" for one in question.when if one.question not in earlier)
    if isinstance(question.answer, Table):
        numbers = {one.id for one in form.questions if one.answer.type in ("money", "number")}
        yield from (f"a sum equals {one.equals}, which is no number" for one in question.answer.sums if one.equals not in (None, *numbers))


def _patterns(answer: Answer | ColumnAnswer) -> Iterator[str]:
    if isinstance(answer, ShortText) and answer.pattern:
        yield answer.pattern
    for column in columns_of(answer):
        yield from _patterns(column.answer)


def texts_of(form: FormDefinition) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every text of the form with where it stands; a help that is not given is left out."""
    for section in form.sections:
        yield f"sections.{section.key}", section.title
        yield from [(f"sections.{section.key}.help", section.help)] if section.help else []
    for question in form.questions:
        yield question.id, question.label
        yield from [(f"{question.id}.help", question.help)] if question.help else []
        columns = columns_of(question.answer)
        for answer in (question.answer, *(column.answer for column in columns)):
            yield from ((f"{question.id}.{option.value}", option.label) for option in options_of(answer))
        yield from ((f"{question.id}.{column.key}", column.label) for column in columns)


def _in_english(value: Any, name: str = "") -> Any:
    if name in ("label", "help", "title"):
        return {ENGLISH: value.get(ENGLISH)}
    if isinstance(value, dict):
        return {inner: _in_english(one, inner) for inner, one in value.items()}
    return [_in_english(one) for one in value] if isinstance(value, list) else value
