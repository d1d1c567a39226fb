"""Applications of a past call judged again under a changed policy: a question to the record, which stays as it is.

A rule whose expression and values are the same keeps its recorded verdict, and a verdict that two officers have decided stands. So a
scenario that changes nothing gives the record, also where a service of today would judge an old form otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from services.applications.domain.earlier import Earlier
from services.applications.domain.eligibility import Assessment, aid_minor, facts_of, terms_of
from services.applications.domain.form import Form
from services.applications.domain.providers import PROVIDER_APPLIES
from shared.policy.case_terms import CaseTerms, has_case_terms
from shared.policy.rules import Fact, evaluate, facts_named, rule_constants, values_read
from shared.policy.schema import Policy
from shared.policy.sections import Rule

AID_BEFORE = "de_minimis_declared_minor"
"""The fact that depends on a value of the policy: how many years count."""
YEAR_GRANTED = "year_granted_minor"
EARLIER = ("vouchers_held", "same_type_held", YEAR_GRANTED, "live_projects")
"""Facts about what the applicant has in the scheme already: those of the day of the verdict count, not those of today."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`amount_minor` is the aid that would be granted; None of an application that is not eligible. `failed`: ids of rules."""

    amount_minor: int | None
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What a changed policy asks otherwise. `rules` are all of it, `again` the ids of those whose verdict may differ; `values`: whether the
    amount may. `constants` are what expressions read, where all cases get the same. `any`: False where no verdict and no amount can
    differ."""

    policy: Policy
    rules: tuple[Rule, ...]
    again: frozenset[str]
    values: bool
    constants: Mapping[str, object]
    any: bool


def changes_between(recorded: Policy, changed: Policy) -> Changes:
    """Compared once for all applications of a call."""
    before, after = rule_constants(recorded), rule_constants(changed)
    known = {rule.id: rule.expression for rule in recorded.eligibility.rules}
    years = recorded.de_minimis.window_years != changed.de_minimis.window_years

    def differs(rule: Rule) -> bool:
        values = any(before[name] != after[name] for name in values_read(rule.expression))
        return values or known.get(rule.id) != rule.expression or (years and AID_BEFORE in facts_named(rule.expression))

    rules = changed.eligibility.rules
    again, values = frozenset(rule.id for rule in rules if differs(rule)), recorded.value != changed.value
    return Changes(changed, rules, again, values, after, bool(again) or values or len(rules) < len(known))


def recorded_verdict(*, eligible: bool, amount_minor: int | None, failed: list[str]) -> Judged:
    """As screening has decided."""
    return Judged(amount_minor if eligible else None, tuple(failed))


def judge_again(record: Judged, assessment: Assessment | None, form: Form | None, changes: Changes, on: date) -> Judged:
    """The application under the changed policy. `on`: the local day of its screening, from which the years of de minimis aid count back.

    One that was never judged, because it was not corrected in time or its content is removed, keeps what the record says.
    """
    if assessment is None or form is None or not changes.any:
        return record
    passed = {verdict.rule: verdict.passed for verdict in assessment.rules}
    overruled = {verdict.rule for verdict in assessment.rules if verdict.overruled}
    again = [rule for rule in changes.rules if rule.id not in overruled and (rule.id in changes.again or rule.id not in passed)]
    if again:
        facts = facts_of(changes.policy, form, on) | _earlier_facts(assessment)
        results = evaluate(again, facts, _constants(changes, assessment, form))
        passed |= {result.rule_id: result.passed for result in results}
    failed = tuple(rule.id for rule in changes.rules if not passed[rule.id])
    failed += () if passed.get(PROVIDER_APPLIES, True) else (PROVIDER_APPLIES,)
    if failed:
        return Judged(None, failed)
    if not changes.values and record.amount_minor is not None:
        return Judged(record.amount_minor)
    return Judged(aid_minor(changes.policy, form, _earlier(assessment), _terms_again(changes.policy, assessment, form)))


def _constants(changes: Changes, assessment: Assessment, form: Form) -> Mapping[str, object]:
    policy = changes.policy
    return rule_constants(policy, _terms_again(policy, assessment, form)) if has_case_terms(policy) else changes.constants


def _terms_again(policy: Policy, assessment: Assessment, form: Form) -> CaseTerms:
    """What the case would get. The limits of its own type of voucher stay where the type has them; so does the rate that it had by the
    size of the firm and the number of its vouchers, since a scenario changes no table of rates."""
    terms, had = terms_of(policy, form), assessment.terms
    if policy.rates is None or had is None:
        return terms
    return replace(terms, intensity_bp=had.intensity_bp, own_contribution_bp=had.own_contribution_bp)


def _earlier_facts(assessment: Assessment) -> dict[str, Fact]:
    """What the applicant had in the scheme when it was judged, as the rules that ask for it have recorded it."""
    found = {name: fact for verdict in assessment.rules for name, fact in verdict.facts.items()}
    return {name: found[name] for name in EARLIER if found.get(name) is not None}


def _earlier(assessment: Assessment) -> Earlier:
    """For the amount: what of the yearly aid it had already. A rule of every policy with such a limit names it."""
    granted = _earlier_facts(assessment).get(YEAR_GRANTED)
    return Earlier(year_granted_minor=granted if isinstance(granted, int) else 0)
