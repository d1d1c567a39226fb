"""A scenario: other values of a policy, and another budget, under which a past call is replayed. The record stays as it is.

`changes` names values as a policy file does, by their dotted path, 'value.intensity_bp' or, within a list, by the id of its item:
'evaluation.criteria.relevance.points_max'. Only what decides on eligibility, ranking and spending can be changed; an expression of a
rule cannot, but a rule can be left out.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError

from shared.kernel.errors import Malformed, Refused
from shared.kernel.money import BASIS
from shared.policy.schema import Policy

MOST_SCENARIOS = 4
"""Side by side; the record stands beside them."""
MOST_APPLICATIONS = 15_000
"""Of a call: more do not fit into the request by which evaluation ranks them."""
LARGEST_ENVELOPE_BP = 10 * BASIS
LARGEST: Mapping[str, int] = {"evaluation.total_threshold": 100, "de_minimis.window_years": 100}
LARGEST_MINOR = 10**13
"""As in forms: what a rule multiplies stays within 64 bits."""
MOST_FAULTS = 60
_ID = r"[a-z][a-z0-9-]*"
_CHANGEABLE = re.compile(
    r"value\.(smallest_minor|largest_minor|intensity_bp|own_contribution_bp)"
    r"|small_firm\.(staff_below|turnover_max_eur_minor|balance_max_eur_minor|public_control_below_bp)"
    r"|de_minimis\.(ceiling_minor|window_years)"
    r"|eligibility\.(activity_codes|places)"
    r"|selection\.ties"
    r"|evaluation\.(divergence_points|third_when_split|third_score|adjustment|total_threshold)"
    rf"|evaluation\.criteria\.{_ID}\.(points_max|threshold_share_bp)"
)
_POINTS, _SCORING = ".points_max", "evaluation."
_Code = Annotated[StrictStr, Field(max_length=40)]
Value = StrictBool | StrictInt | StrictStr | Annotated[list[_Code], Field(max_length=100)]


class Scenario(BaseModel):
    """`envelope_bp`: the budget as a share of the envelope that the call had, in basis points. `without_rules`: ids of eligibility rules
    that are left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60)]
    envelope_bp: Annotated[StrictInt, Field(ge=0, le=LARGEST_ENVELOPE_BP)] = BASIS
    without_rules: Annotated[list[_Code], Field(max_length=50)] = []
    changes: dict[Annotated[str, Field(max_length=120)], Value] = {}

    def envelope_of(self, envelope_minor: int) -> int:
        """Minor units, rounded down."""
        return envelope_minor * self.envelope_bp // BASIS


Scenarios = Annotated[list[Scenario], Field(min_length=1, max_length=MOST_SCENARIOS)]
RECORD = Scenario(name="record")
"""Nothing is changed."""


def changed_policies(policy: Policy, scenarios: Sequence[Scenario]) -> list[Policy]:
    """The policy under each scenario. Raises as `changed_policy`; places of faults begin with 'scenarios' and the number from 0."""
    found = []
    for number, scenario in enumerate(scenarios):
        try:
            found.append(changed_policy(policy, scenario))
        except Malformed as malformed:
            raise Malformed([(("scenarios", number, *place), kind, facts) for place, kind, facts in malformed.faults]) from malformed
        except Refused as refused:
            refused.field = f"scenarios.{number}.{refused.field}"
            raise
    return found


def changed_policy(policy: Policy, scenario: Scenario) -> Policy:
    """The policy with the values of the scenario. A policy that does not score keeps no value of 'evaluation'.

    Raises `Malformed` for values that the policy has not, or of another type or range; `Refused` 'unknown-rule',
    'points-differ' or 'scenario-contradicts' where values do not go together.
    """
    changes = {path: value for path, value in scenario.changes.items() if policy.evaluation or not path.startswith(_SCORING)}
    content = policy.model_dump(mode="json", exclude_unset=True, by_alias=True)
    unknown = [path for path, value in changes.items() if not _CHANGEABLE.fullmatch(path) or not _put(content, path, value)]
    if unknown:
        raise Malformed([(("changes", path), "extra_forbidden", {}) for path in unknown[:MOST_FAULTS]])
    large = {path: most for path, value in changes.items() if isinstance(value, int) and (most := _most(path)) and value > most}
    if large:
        raise Malformed([(("changes", path), "less_than_equal", {"le": most}) for path, most in large.items()])
    _leave_out(content, scenario.without_rules)
    try:
        return Policy.model_validate_json(json.dumps(content))
    except ValidationError as error:
        raise _fault(policy, changes, error) from error


def _most(path: str) -> int:
    """What the schema of a policy leaves open, because its files are read by two; 0 for no such bound."""
    return LARGEST_MINOR if path.endswith("_minor") else LARGEST.get(path, 0)


def values_of(policy: Policy) -> dict[str, Value]:
    """Each value that a scenario can change, by its path, in the order of the policy."""
    return {path: value for path, value in _leaves(policy.model_dump(mode="json", exclude_unset=True)) if _CHANGEABLE.fullmatch(path)}


def _leaves(content: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """With their dotted paths; items of a list that have an id stand under it."""
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict) and "id" in value[0]:
            yield from _leaves({one["id"]: one for one in value}, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _put(content: dict[str, Any], path: str, value: Value) -> bool:
    """False where there is no such value."""
    *parents, name = path.split(".")
    place: Any = content
    for parent in parents:
        place = place.get(parent) if isinstance(place, dict) else next((one for one in place if one["id"] == parent), None)
        if place is None:
            return False
    if name not in place:
        return False
    place[name] = value
    return True


def _leave_out(content: dict[str, Any], rules: Sequence[str]) -> None:
    """Takes the rules out of the content. Raises `Refused` 'unknown-rule'."""
    known = content["eligibility"]["rules"]
    for rule in rules:
        if rule not in {one["id"] for one in known}:
            raise Refused("unknown-rule", "The policy of this call has no rule {rule}.", field="without_rules", rule=rule)
    content["eligibility"]["rules"] = [one for one in known if one["id"] not in rules]


def _fault(policy: Policy, changes: Mapping[str, Value], error: ValidationError) -> Malformed | Refused:
    """What the schema says of the values, at the paths that the scenario has changed."""
    faults = [(_path_of(policy, changes, fault["loc"]), fault) for fault in error.errors()]
    own = [(place, fault) for place, fault in faults if fault["type"] != "value_error"]
    if own:
        return Malformed([(place, fault["type"], fault.get("ctx", {})) for place, fault in own])
    place, fault = faults[0]
    field = ".".join(place)
    if field.endswith(_POINTS):
        return Refused("points-differ", "The points of all criteria make 100 together.", field=field)
    reason = str(fault["ctx"]["error"])
    return Refused("scenario-contradicts", "With these values the policy contradicts itself: {reason}.", field=field, reason=reason)


def _path_of(policy: Policy, changes: Mapping[str, Value], location: tuple[int | str, ...]) -> tuple[str, ...]:
    """The changed value at, below or above the location; an item of a list of texts is its list."""
    place = ".".join(_names(policy, location))
    related = [path for path in changes if f"{path}.".startswith(f"{place}.") or f"{place}.".startswith(f"{path}.")]
    related.sort(key=lambda path: not path.endswith(_POINTS))
    if not related and place.startswith("eligibility.rules"):
        return ("without_rules",)
    return "changes", related[0] if related else place


def _names(policy: Policy, location: tuple[int | str, ...]) -> Iterator[str]:
    """The parts of the location; of a criterion its id in the place of its number."""
    before: int | str = ""
    for part in location:
        if before == "criteria" and isinstance(part, int) and policy.evaluation:
            yield policy.evaluation.criteria[part].id
        else:
            yield str(part)
        before = part
