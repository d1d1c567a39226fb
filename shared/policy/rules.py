"""Eligibility rules as data: CEL expressions over the facts of one application, each with an explained result.

Facts are the applicant's declarations and amounts (`FACTS`); amounts are integers in minor units of the call's currency. An
expression may also use `policy.<name>`: the amounts and lists of the policy itself (`rule_constants`), so that no number stands
twice in a file. Evaluation is pure and total: the same rules and facts give the same results, and a rule that cannot be judged has a named
fault (`expressions.py`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from shared.policy.case_terms import CaseTerms, limit_constants, unused_limits
from shared.policy.expressions import Fault, compiled, doubt_about, verdict_of
from shared.policy.schema import Policy
from shared.policy.sections import Rule

FACTS: Mapping[str, type] = {
    "staff": int,  # annual work units
    "turnover_minor": int,
    "balance_minor": int,
    "public_control_bp": int,  # share of public bodies in the firm, basis points
    "activity_code": str,  # NACE, e.g. "74.10"
    "country": str,  # ISO 3166 code of the seat
    "nuts": str,  # NUTS code of the seat, any level
    "place": str,
    "total_cost_minor": int,
    "requested_minor": int,
    "own_contribution_minor": int,
    "other_public_minor": int,  # of other public funds, for the same costs
    "de_minimis_declared": bool,  # whether the declaration was made at all
    "de_minimis_declared_minor": int,  # what it declares, the three years before
    "excluded_sectors": list,  # codes of sectors outside the regulation on de minimis aid in which the firm is active, and not apart
    "excluded_purposes": list,  # codes of purposes outside it, for which the aid is asked
    "size": str,  # micro, small, medium or large, with related firms
    "voucher_type": str,  # which the applicant chose
    "own_hours_minor": int,  # of the own contribution, what hours of the applicant's own people come to at the policy's rate
    "project_in_time": bool,  # the project ends within `limits.project_longest` of its start
    # Of the applicant's other applications of the scheme, in every call, that hold their place (`limits.freed_by`):
    "vouchers_held": int,
    "same_type_held": int,  # of these, of the type that is applied for
    "year_granted_minor": int,  # of those submitted in the same calendar year
    "live_projects": int,  # those that are not closed
}
"""What a rule may ask for, with its type. A fact that is not known is left out or None."""

Fact = int | str | bool | list[str] | None
_BOUND = re.compile(r"\.(?:all|exists|exists_one|map|filter)\(\s*(\w+)\s*,")
_CONSTANT = re.compile(r"\bpolicy\.(\w+)")


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule's verdict. `facts_used` are the facts the expression names, with their values (None: not known). `fault`: why the rule could
    not be judged; it is not passed then, and nobody may be refused by it."""

    rule_id: str
    passed: bool
    message: str
    field: str
    facts_used: Mapping[str, Fact]
    fault: Fault | None = None


def check_eligibility(policy: Policy, facts: Mapping[str, Fact], terms: CaseTerms | None = None) -> list[RuleResult]:
    """The verdict of each rule of the policy, in its order; eligible when all passed. `terms`: what the case gets, by which its amounts are
    judged."""
    return evaluate(policy.eligibility.rules, facts, rule_constants(policy, terms))


def evaluate(rules: Iterable[Rule], facts: Mapping[str, Fact], constants: Mapping[str, object] | None = None) -> list[RuleResult]:
    """The verdict of each rule. A rule that needs a fact that is not known is not passed; one whose fact has another type than in `FACTS`
    has a fault."""
    return [_verdict(rule, facts, constants or {}) for rule in rules]


def rule_constants(policy: Policy, terms: CaseTerms | None = None) -> dict[str, object]:
    """What an expression may read as `policy.<name>`: amounts in the policy's currency, prefixes of codes. Without `terms` the amounts are
    the widest of all cases."""
    firm, value = policy.small_firm, terms or policy.value
    return {
        **limit_constants(policy),
        "smallest_minor": value.smallest_minor,
        "largest_minor": value.largest_minor,
        "intensity_bp": value.intensity_bp,
        "own_contribution_bp": value.own_contribution_bp,
        "staff_from": terms.staff_from if terms else 0,
        "de_minimis_ceiling_minor": policy.from_eur_minor(policy.de_minimis.ceiling_minor),
        "staff_below": firm.staff_below,
        "turnover_max_minor": policy.from_eur_minor(firm.turnover_max_eur_minor),
        "balance_max_minor": policy.from_eur_minor(firm.balance_max_eur_minor),
        "public_control_below_bp": firm.public_control_below_bp,
        "activity_codes": list(policy.eligibility.activity_codes),
        "places": list(policy.eligibility.places),
        "own_hours_share_bp": policy.own_hours.most_share_bp if policy.own_hours else 0,
        "excluded_activities": list(policy.state_aid.excluded_activities) if policy.state_aid else [],
    }


@cache
def facts_named(expression: str) -> tuple[str, ...]:
    """The facts an expression asks for, sorted. ValueError when it is not CEL."""
    bound = set(_BOUND.findall(expression))
    return tuple(sorted(set(compiled(expression).variables()) - bound - {"policy"}))


def values_read(expression: str) -> frozenset[str]:
    """The policy values that an expression reads, by their names in `rule_constants`."""
    return _constants_named(expression)


@cache
def _constants_named(expression: str) -> frozenset[str]:
    return frozenset(_CONSTANT.findall(expression))


def check_rules(policy: Policy) -> None:
    """ValueError, naming the rule, when one is not CEL, asks for a fact or policy value that there is not, or can fail with some facts."""
    known = rule_constants(policy)
    seen: set[str] = set()
    for rule in policy.eligibility.rules:
        try:
            unknown = [name for name in facts_named(rule.expression) if name not in FACTS]
        except ValueError as error:
            raise ValueError(f"eligibility.rules.{rule.id}.expression: {error}") from error
        unknown += [f"policy.{name}" for name in _constants_named(rule.expression) if name not in known]
        if unknown:
            raise ValueError(f"eligibility.rules.{rule.id}.expression: unknown {', '.join(unknown)}")
        if doubt := _doubt_about(rule.expression, known):
            raise ValueError(f"eligibility.rules.{rule.id}.expression: {doubt}")
        if rule.id in seen:
            raise ValueError(f"eligibility.rules.{rule.id}: this id stands twice")
        seen.add(rule.id)
    if unused := unused_limits(policy):
        raise ValueError("; ".join(unused))


def _verdict(rule: Rule, facts: Mapping[str, Fact], constants: Mapping[str, object]) -> RuleResult:
    used = {name: facts.get(name) for name in facts_named(rule.expression)}
    read = {name: constants[name] for name in _constants_named(rule.expression) if name in constants}
    verdict = False if None in used.values() else _judged(rule.expression, used, read)
    fault = verdict if isinstance(verdict, Fault) else None
    return RuleResult(rule.id, verdict is True, rule.message, rule.field, used, fault)


def _judged(expression: str, used: Mapping[str, Fact], read: Mapping[str, object]) -> bool | Fault:
    if any(type(value) is not FACTS.get(name, type(value)) for name, value in used.items()):
        return Fault.TYPES
    return verdict_of(expression, {**used, "policy": read})


def _doubt_about(expression: str, known: Mapping[str, object]) -> str | None:
    facts = {name: FACTS[name] for name in facts_named(expression)}
    return doubt_about(expression, facts, {name: known[name] for name in _constants_named(expression)})
