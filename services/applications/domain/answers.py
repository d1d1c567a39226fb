"""Whether answers are well-formed, by the form that their call is pinned to."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from services.applications.domain.form import Form, answers_of, with_answers, without_costs
from shared.classifications import canonical, contradiction, fault_of
from shared.kernel.countries import country_of
from shared.kernel.errors import Malformed
from shared.policy.answers import Table
from shared.policy.form import CLASSIFIED, FormDefinition, Question
from shared.policy.schema import Policy


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the answer to a question. `kind` and `facts` are those of pydantic's errors, which have sentences in
    `shared.web.validation`; `inside` is the place within the answer, such as the row and the column of a table."""

    question: str
    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    inside: tuple[str | int, ...] = ()


_KINDS = {
    "minLength": ("string_too_short", "min_length"),
    "maxLength": ("string_too_long", "max_length"),
    "minimum": ("greater_than_equal", "ge"),
    "maximum": ("less_than_equal", "le"),
    "minItems": ("too_short", "min_length"),
    "maxItems": ("too_long", "max_length"),
}
"""The kind of a fault of JSON Schema that has a limit, and the name of the limit."""
_OTHER_KINDS = {"pattern": "string_pattern_mismatch", "format": "date_parsing", "uniqueItems": "not_unique", "required": "missing"}
_TYPES = {"string": "string_type", "integer": "int_type", "boolean": "bool_type", "array": "list_type", "object": "dict_type"}


def faults_of(answers: Mapping[str, Any], definition: FormDefinition) -> list[Fault]:
    """Each fault of the answers given, by id of their question. A question that the form does not ask has no answers."""
    found = [Fault(name, "extra_forbidden") for name in answers if name not in definition.by_id]
    found += [Fault(name, "int_type", {}, place) for name, value in answers.items() for place in _fractions(value)]
    found += _unknown_codes(answers)
    wrong = {fault.question for fault in found}
    errors = definition.validator.iter_errors({name: value for name, value in answers.items() if name not in wrong})
    return [*found, *(_fault(error) for error in errors)]


def says_nothing(value: Any) -> bool:
    """What the typed form has where nothing was answered: a list without entries, a declaration that was not made."""
    return value is False or value == []


def check_form(form: Form, definition: FormDefinition) -> None:
    """`Malformed` with every answer that the form of the call does not allow. Costs that are not asked for are left aside, and of what is
    not asked the values that say nothing."""
    answers = answers_of(without_costs(form) if definition.without_costs else form)
    faults = faults_of({name: value for name, value in answers.items() if name in definition.by_id or not says_nothing(value)}, definition)
    if faults:
        raise Malformed([(("form", *fault.question.split("."), *fault.inside), fault.kind, fault.facts) for fault in faults])


def changed_form(form: Form, answers: Mapping[str, Any], definition: FormDefinition) -> Form:
    """The form with these answers to questions of the call; None and a blank text remove one. `Malformed` names each that is not
    well-formed."""
    answers = {name: _read(name, value.strip()) or None if isinstance(value, str) else value for name, value in answers.items()}
    given = {name: value for name, value in answers.items() if value is not None}
    faults = faults_of(given, definition) + [Fault(one, "extra_forbidden") for one in answers.keys() - given if one not in definition.by_id]
    try:
        if not faults:
            return with_answers(form, answers)
    except ValidationError as error:
        faults = [_typed(fault) for fault in error.errors(include_input=False, include_url=False)]
    raise Malformed([(("answers", fault.question, *fault.inside), fault.kind, fault.facts) for fault in faults])


def sums_at_odds(asked: Iterable[Question], answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(table, question) where the sum of a column of one of the tables that are `asked` has to be the answer to the question, both are
    answered, and it is not."""
    tables = [(one, one.answer) for one in asked if isinstance(one.answer, Table) and one.is_answered(answers.get(one.id))]
    return [
        (question.id, total.equals)
        for question, table in tables
        for total in table.sums
        if total.equals is not None
        and answers.get(total.equals) is not None
        and sum(row.get(total.column, 0) for row in answers[question.id]) != answers[total.equals]
    ]


@dataclass(frozen=True, slots=True)
class Setting:
    """What answers are compared with: the policy of the call, the regions of the programme, and the region's day `today`. `applied_on`:
    the day of the first submission, None before it."""

    policy: Policy
    regions: Collection[str]
    today: date
    applied_on: date | None = None


def answers_at_odds(form: Form, setting: Setting) -> list[Fault]:
    """Well-formed answers that contradict another one, the programme or the calendar. An answer that is missing contradicts nothing."""
    return [*_project_at_odds(form, setting), *_places_at_odds(form), *_aid_to_come(form, setting.today)]


def _project_at_odds(form: Form, setting: Setting) -> Iterator[Fault]:
    project, policy = form.project, setting.policy
    if project.ends_on is not None and project.starts_on is not None and project.ends_on < project.starts_on:
        yield Fault("project.ends_on", "dates_out_of_order")
    elif project.ends_on is not None and project.ends_on > policy.programme_end:
        yield Fault("project.ends_on", "after_programme_end", {"programme_end": policy.programme_end})
    if project.partner_region is not None and (project.partner_region not in setting.regions or project.partner_region == policy.region):
        yield Fault("project.partner_region", "unknown_partner_region")


def _places_at_odds(form: Form) -> Iterator[Fault]:
    """The region of the seat, when it is not in the country of the seat."""
    found = contradiction(form.applicant.nuts, form.applicant.country)
    if found:
        yield Fault("applicant.nuts", found.kind, found.facts)


def _aid_to_come(form: Form, today: date) -> Iterator[Fault]:
    """Rows of aid that is not granted yet: it would count in no sum, and stands in no register."""
    for row, aid in enumerate(form.de_minimis.aid):
        if aid.granted_on > today:
            yield Fault("de_minimis.aid", "aid_to_come", {}, (row, "granted_on"))


def _read(question: str, text: str) -> str:
    """A code as its list writes it."""
    if question == "applicant.country":
        return country_of(text)
    return canonical(CLASSIFIED[question], text) if question in CLASSIFIED else text


def _unknown_codes(answers: Mapping[str, Any]) -> Iterator[Fault]:
    for question, scheme in CLASSIFIED.items():
        code = answers.get(question)
        if isinstance(code, str) and (found := fault_of(scheme, code)):
            yield Fault(question, found.kind, found.facts)


def _fault(error: Any) -> Fault:
    name, facts = error.kind.name, error.kind.as_dict()
    question, *inside = error.instance_path
    if name in _KINDS:
        kind, limit = _KINDS[name]
        return Fault(question, kind, {limit: facts["limit"]}, tuple(inside))
    if name == "enum":
        return Fault(question, "literal_error", {"expected": list(map(str, facts["options"]))}, tuple(inside))
    if name == "type":
        return Fault(question, _TYPES[facts["types"][0]], {}, tuple(inside))
    if name == "additionalProperties":
        return Fault(question, "extra_forbidden", {}, (*inside, *facts["unexpected"][:1]))
    pattern = {"pattern": facts["pattern"]} if name == "pattern" else {}
    return Fault(question, _OTHER_KINDS[name], pattern, (*inside, *([facts["property"]] if name == "required" else [])))


def _fractions(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where a number is no whole number. JSON Schema takes 4.0 for one, and amounts and counts are none."""
    if isinstance(value, float):
        yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _fractions(inner, (*place, key))


def _typed(fault: Any) -> Fault:
    """What the typed form found, such as a text of blanks only."""
    path = [str(part) for part in fault["loc"]]
    question = ".".join(path[:2]) if path[0] != "language" else path[0]
    return Fault(question, fault["type"], fault.get("ctx", {}), tuple(fault["loc"][2:]))
