"""The application form. Every answer may be missing in a draft; `unanswered` lists what a submission still needs.

Paths of answers are relative to the form: 'project.title', 'costs.requested_minor'.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, TypeVar

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

T = TypeVar("T")
Line = Annotated[str, Field(min_length=1, max_length=200)]
Minor = Annotated[int, Field(ge=0, le=10**13)]
"""Minor units of the form's currency; the bound keeps an amount times 10,000 within 64 bits."""
BasisPoints = Annotated[int, Field(ge=0, le=10_000)]
Headcount = Annotated[int, Field(ge=0, le=10**7)]
Code = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$", max_length=60)]


class Part(BaseModel):
    """Strict: no coercion, no unknown field. `OPTIONAL` names the answers that a complete application may leave out."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=True)

    OPTIONAL: ClassVar[frozenset[str]] = frozenset()


class Applicant(Part):
    """The firm that applies. `owners`: names or numbers of the owners of a quarter or more, to find conflicts of interest."""

    OPTIONAL = frozenset({"street", "postcode"})

    name: Line | None = None
    tax_number: Annotated[str, Field(pattern=r"^[A-Za-z0-9 ./-]{4,30}$")] | None = None
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)] | None = None
    street: Line | None = None
    postcode: Annotated[str, Field(min_length=1, max_length=12)] | None = None
    town: Line | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166, Greece is GR")] | None = None
    nuts: Annotated[str, Field(pattern="^[A-Z]{2}[A-Z0-9]{0,3}$", description="NUTS code of the seat, Greece is EL")] | None = None
    activity_code: Annotated[str, Field(pattern=r"^\d{2}(\.\d{1,2})?$", description="NACE")] | None = None
    owners: Annotated[list[Line], Field(max_length=20)] = []


class RelatedFirm(Part):
    """A firm related by shares: partner from 25 %, linked above 50 % (Recommendation 2003/361/EC)."""

    share_bp: BasisPoints
    staff: Headcount
    turnover_minor: Minor
    balance_minor: Minor


class Firm(Part):
    """Size by the last closed accounts, without related firms. `staff` counts annual work units."""

    staff: Headcount | None = None
    turnover_minor: Minor | None = None
    balance_minor: Minor | None = None
    public_control_bp: BasisPoints | None = None
    related: Annotated[list[RelatedFirm], Field(max_length=50)] = []


class Project(Part):
    """The project. `s3_field`: field of smart specialisation; `partner_region`: another region of the programme."""

    OPTIONAL = frozenset({"s3_field", "partner_region"})

    title: Line | None = None
    summary: Annotated[str, Field(min_length=1, max_length=5000)] | None = None
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


class Aid(Part):
    """De minimis aid to the single undertaking, in the currency of the call at the rate of the day of granting."""

    granted_on: date
    amount_minor: Minor


class DeMinimis(Part):
    """`declared`: the applicant made the declaration, also when there was no aid."""

    declared: bool = False
    aid: Annotated[list[Aid], Field(max_length=100)] = []


class Form(Part):
    """`language` is the language of the answers. `synthetic` marks made-up sample data."""

    language: Annotated[str, Field(pattern="^[a-z]{2}$")] | None = None
    synthetic: bool = False
    applicant: Applicant = Applicant()
    firm: Firm = Firm()
    project: Project = Project()
    costs: Costs = Costs()
    de_minimis: DeMinimis = DeMinimis()


BLIND = frozenset(
    {
        "language",
        "synthetic",
        *(f"project.{name}" for name in ("title", "summary", "starts_on", "ends_on", "topics", "s3_field", "partner_region")),
        *(f"costs.{name}" for name in ("currency", "total_cost_minor", "requested_minor", "own_contribution_minor")),
    }
)
"""The answers that do not tell who applies. A new question is not among them until it is added here. Title and summary are the
applicant's own words, which may tell all the same: a blind call has to ask applicants not to name themselves there."""


def read_form(value: object) -> Form:
    """The form from JSON values. Raises ValidationError. It is read as JSON: there a strict model takes text for dates and nothing else."""
    return Form.model_validate_json(json.dumps(value))


def stored_form(value: dict[str, Any] | None) -> Form:
    """The form of a row; an empty one when it was erased."""
    return Form() if value is None else Form.model_validate_json(orjson.dumps(value))  # not for input, whose numbers may be of any size


FormInput = Annotated[Form, BeforeValidator(read_form)]
"""A form within a request body; its errors have the paths of the answers."""


def dump_form(form: Form) -> dict[str, Any]:
    """The form as JSON values, without the answers that are missing."""
    return form.model_dump(mode="json", exclude_none=True)


def blind_part(form: Form) -> Form:
    """The answers of `BLIND`; the others are empty."""
    kept = {
        name: {inner: value for inner, value in part.items() if f"{name}.{inner}" in BLIND} if isinstance(part, dict) else part
        for name, part in dump_form(form).items()
        if isinstance(part, dict) or name in BLIND
    }
    return read_form(kept)


def known(value: T | None) -> T:
    """The value of an answer that cannot be missing at this point; TypeError, a defect, when it is."""
    if value is None:
        raise TypeError("a required answer is missing")
    return value


def unanswered(form: Form) -> list[str]:
    """Paths of the answers that are missing, in the order of the form."""
    return list(_missing(form, ""))


def _missing(part: Part, prefix: str) -> Iterator[str]:
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, Part):
            yield from _missing(value, f"{prefix}{name}.")
        elif value is None and name not in part.OPTIONAL:
            yield prefix + name
    if isinstance(part, Project) and not part.topics:
        yield prefix + "topics"


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
    old, new = _leaves(before.model_dump(mode="json")), _leaves(after.model_dump(mode="json"))
    return [path for path in new if new[path] != old[path]]


def _leaves(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, part in value.items():
        found |= _leaves(part, f"{prefix}{name}.") if isinstance(part, dict) else {prefix + name: part}
    return found
