"""The typed answers of an application, which rules, money and search use. Every answer may be missing in a draft.

What is asked of whom is data: `shared.policy.form`. The id of a question is the path of its answer here, 'project.title' or
'costs.requested_minor'; the answers to a region's own questions are in `extra`, 'extra.budget'.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, TypeVar

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from shared.classifications import Scheme, canonical
from shared.kernel.countries import country_of
from shared.kernel.invoice_numbers import typed_number
from shared.policy.form import FormDefinition

T = TypeVar("T")
Line = Annotated[str, Field(min_length=1, max_length=200)]
Minor = Annotated[int, Field(ge=0, le=10**13)]
"""Minor units of the form's currency; the bound keeps an amount times 10,000 within 64 bits."""
BasisPoints = Annotated[int, Field(ge=0, le=10_000)]
Headcount = Annotated[int, Field(ge=0, le=10**7)]
Hundredths = Annotated[int, Field(ge=0, le=10**9)]
"""Of an annual work unit."""
Code = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$", max_length=60)]


TRANSITIONS = "transitions"
"""The code of the question of every region that asks for the transitions: a choice of the three."""
THREE = ("green", "digital", "social")
LEGAL_FORM = "legal-form"
"""The code of the question for the legal form of who applies, of which open data has to know."""
_CODES = {"nuts": Scheme.NUTS, "activity_code": Scheme.NACE}
ExtraCode = Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$", max_length=60)]


class Part(BaseModel):
    """Strict: no coercion, no unknown field."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=True)


class Applicant(Part):
    """The firm that applies. `owners`: names or numbers of the owners of a quarter or more, to find conflicts of interest."""

    name: Line | None = None
    tax_number: Annotated[str, Field(pattern=r"^[A-Za-z0-9 ./-]{4,30}$"), BeforeValidator(typed_number)] | None = None
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)] | None = None
    street: Line | None = None
    postcode: Annotated[str, Field(min_length=1, max_length=12)] | None = None
    town: Line | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166, Greece is GR")] | None = None
    nuts: Annotated[str, Field(pattern="^[A-Z]{2}[A-Z0-9]{0,3}$", description="NUTS code of the seat, Greece is EL")] | None = None
    activity_code: Annotated[str, Field(pattern=r"^\d{2}(\.\d{1,2})?$", description="NACE")] | None = None
    activity_revision: Annotated[str, Field(pattern="^rev-2(-1)?$", description="NACE revision of the code")] | None = None
    owners: Annotated[list[Line], Field(max_length=20)] = []


class RelatedFirm(Part):
    """A firm related by shares: partner from 25 %, linked above 50 % (Recommendation 2003/361/EC). Its staff is `staff`, or hundredths of
    an annual work unit in `staff_hundredths`, as the form of the call asks."""

    share_bp: BasisPoints
    turnover_minor: Minor
    balance_minor: Minor
    staff: Headcount | None = None
    staff_hundredths: Hundredths | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    tax_number: Annotated[str, Field(pattern=r"^[A-Za-z0-9 ./-]{4,30}$"), BeforeValidator(typed_number)] | None = None


class ExemptHolder(Part):
    """A holder of shares that does not make a firm lose its autonomy (Recommendation 2003/361/EC, annex, Article 3(2))."""

    kind: Code
    share_bp: BasisPoints


class Firm(Part):
    """Size by the last closed accounts, without related firms. `staff` counts annual work units, `staff_hundredths` hundredths of one; a
    form asks one of the two. `public_control_bp` is without `exempt_holders` where the form asks for these apart."""

    staff: Headcount | None = None
    staff_hundredths: Hundredths | None = None
    turnover_minor: Minor | None = None
    balance_minor: Minor | None = None
    public_control_bp: BasisPoints | None = None
    related: Annotated[list[RelatedFirm], Field(max_length=50)] = []
    exempt_holders: Annotated[list[ExemptHolder], Field(max_length=20)] | None = None


class Project(Part):
    """The project. `s3_field`: field of smart specialisation; `partner_region`: another region of the programme."""

    title: Line | None = None
    summary: Annotated[str, Field(min_length=1, max_length=10_000)] | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    topics: Annotated[list[Code], Field(max_length=10)] = []
    s3_field: Code | None = None
    partner_region: Code | None = None


class Costs(Part):
    """Amounts in the currency of the call."""

    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    total_cost_minor: Minor | None = None
    requested_minor: Minor | None = None
    own_contribution_minor: Minor | None = None
    other_public_minor: Minor | None = None


class Aid(Part):
    """De minimis aid to the single undertaking, in the currency of the call at the rate of the day of granting."""

    granted_on: date
    amount_minor: Minor


class DeMinimis(Part):
    """`declared`: the applicant made the declaration, also when there was no aid. Of what Regulation (EU) 2023/2831, article 1, leaves out:
    `sectors` in which the firm is active, whether these are kept `apart`, and `purposes` of the aid; `none` says that there is none."""

    declared: bool = False
    aid: Annotated[list[Aid], Field(max_length=100)] = []
    sectors: Annotated[list[Code], Field(max_length=10)] | None = None
    apart: bool | None = None
    purposes: Annotated[list[Code], Field(max_length=10)] | None = None


class Form(Part):
    """`language` is the language of the answers. `synthetic` marks made-up sample data. `extra`: answers to a region's own questions, by
    their code; what they may be stands in the form of the call."""

    language: Annotated[str, Field(pattern="^[a-z]{2}$")] | None = None
    synthetic: bool = False
    applicant: Applicant = Applicant()
    firm: Firm = Firm()
    project: Project = Project()
    costs: Costs = Costs()
    de_minimis: DeMinimis = DeMinimis()
    extra: Annotated[dict[ExtraCode, JsonValue], Field(max_length=100)] = {}


def read_form(value: object) -> Form:
    """The form from JSON values. Raises ValidationError. It is read as JSON: there a strict model takes text for dates and nothing else.

    Codes of the applicant are read as people write them: 'GR522' is EL522, '6201' is 62.01, the country EL is GR."""
    return Form.model_validate_json(json.dumps(_as_lists_write(value)))


def _as_lists_write(value: object) -> object:
    applicant = value.get("applicant") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(applicant, dict):
        return value
    read = {name: canonical(scheme, text) for name, scheme in _CODES.items() if isinstance(text := applicant.get(name), str)}
    if isinstance(country := applicant.get("country"), str):
        read["country"] = country_of(country)
    return {**value, "applicant": {**applicant, **read}}


def stored_form(value: dict[str, Any] | None) -> Form:
    """The form of a row; an empty one when it was erased."""
    return Form() if value is None else Form.model_validate_json(orjson.dumps(value))  # not for input, whose numbers may be of any size


FormInput = Annotated[Form, BeforeValidator(read_form)]
"""A form within a request body; its errors have the paths of the answers."""


def without_costs(form: Form) -> Form:
    return form.model_copy(update={"costs": Costs()})


def dump_form(form: Form) -> dict[str, Any]:
    """The form as JSON values, without the answers that are missing."""
    return form.model_dump(mode="json", exclude_none=True)


def answers_of(form: Form) -> dict[str, Any]:
    """The answers that are given, as JSON values by the id of their question."""
    found: dict[str, Any] = {}
    for name, value in dump_form(form).items():
        found |= {f"{name}.{inner}": one for inner, one in value.items()} if isinstance(value, dict) else {name: value}
    return {name: value for name, value in found.items() if name != "synthetic"}


def transitions_of(form: Form) -> list[str] | None:
    """Which of the programme's three transitions the project serves, as far as the form asks by this id; None where it does not. Nothing
    else that stands in the answer, since the column is not encrypted."""
    given = form.extra.get(TRANSITIONS)
    return [one for one in THREE if one in given] if isinstance(given, list) else None


def with_answers(form: Form, answers: Mapping[str, Any]) -> Form:
    """The form with other answers, by the id of their question; None removes one. Raises ValidationError."""
    content = dump_form(form)
    for path, value in answers.items():
        part, _, name = path.rpartition(".")
        inside = content.setdefault(part, {}) if part else content
        inside.pop(name, None)
        if value is not None:
            inside[name] = value
    return read_form(content)


def blind_part(form: Form, definition: FormDefinition) -> Form:
    """The answers that do not tell who applies: those of questions that are `blind`. The others are empty. Title and summary are the
    applicant's own words, which may tell all the same: a blind call has to ask applicants not to name themselves there."""
    shown = {path: value for path, value in answers_of(form).items() if path in definition.by_id and definition.by_id[path].blind}
    return with_answers(Form(synthetic=form.synthetic), shown)


def known(value: T | None) -> T:
    """The value of an answer that cannot be missing at this point; TypeError, a defect, when it is."""
    if value is None:
        raise TypeError("a required answer is missing")
    return value


def unanswered(form: Form, definition: FormDefinition) -> list[str]:
    """The questions that a submission still needs an answer to, in the order in which they are asked."""
    return definition.unanswered(answers_of(form))


def answer_at(form: Form, path: str) -> Any:
    """The answer at a path of the form; None while it is missing."""
    value: Any = form
    for name in path.split("."):
        value = getattr(value, name)
    return value


def paths(model: type[Part] = Form, prefix: str = "") -> Iterator[str]:
    """The paths of all parts and answers of the form; a part comes before its answers."""
    for name, info in model.model_fields.items():
        yield prefix + name
        if isinstance(info.annotation, type) and issubclass(info.annotation, Part):
            yield from paths(info.annotation, f"{prefix}{name}.")


def changed_paths(before: Form, after: Form) -> list[str]:
    """Paths of the answers that differ."""
    old, new = _leaves(before), _leaves(after)
    return [path for path in {**new, **old} if new.get(path) != old.get(path)]


def _leaves(form: Form) -> dict[str, Any]:
    """By path; one that is missing is None, or has its default."""
    found: dict[str, Any] = {}
    for name, value in form.model_dump(mode="json").items():
        found |= {f"{name}.{inner}": one for inner, one in value.items()} if isinstance(value, dict) else {name: value}
    return found
