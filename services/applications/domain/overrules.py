"""An officer overrules the verdict of a rule, and a second one confirms it: what may be overruled, and the result that then counts."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from services.applications.domain.earlier import Earlier
from services.applications.domain.eligibility import Assessment, aid_minor, cuts_year
from services.applications.domain.form import Form
from shared.kernel.errors import Conflict, Refused
from shared.kernel.vocabulary import ApplicationState
from shared.policy.rules import facts_named
from shared.policy.schema import Policy

YEAR = "year_granted_minor"
"""The fact of a rule about the yearly limit."""


class OverruleState(StrEnum):
    """PROPOSED waits for a second officer."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


def with_overrules(assessment: Assessment, verdicts: Mapping[str, bool]) -> Assessment:
    """The result when these verdicts, by rule, stand in the place of those that the rules gave."""
    rules = [
        verdict.model_copy(update={"passed": verdicts[verdict.rule], "overruled": True})
        if verdicts.get(verdict.rule, verdict.passed) != verdict.passed
        else verdict
        for verdict in assessment.rules
    ]
    return assessment.model_copy(update={"rules": rules, "eligible": all(verdict.passed for verdict in rules)})


def decided(policy: Policy, form: Form, earlier: Earlier, assessment: Assessment, verdicts: Mapping[str, bool]) -> Assessment:
    """`with_overrules`. Where two officers have decided that the yearly limit does not stand in the way, it does not cut the aid either:
    what is left of the year is then less than the smallest voucher, or nothing."""
    result = with_overrules(assessment, verdicts)
    named = {rule.id: facts_named(rule.expression) for rule in policy.eligibility.rules}
    lifted = any(one.overruled and one.passed and YEAR in named.get(one.rule, ()) for one in result.rules)
    if not lifted or not cuts_year(policy):
        return result
    return result.model_copy(update={"amount_minor": aid_minor(policy, form, replace(earlier, year_granted_minor=0))})


def check_gives_something(assessment: Assessment) -> None:
    """`Refused` 'nothing-to-grant' for a result by which an application would be eligible for no money: with no rate for its case."""
    if assessment.eligible and not assessment.amount_minor:
        raise Refused(
            "nothing-to-grant",
            "Also with this verdict no aid can be granted: by the policy the aid for this case is 0. Return the application instead, so "
            "that the applicant can correct what the rate depends on.",
            field="passed",
        )


def check_overrule(state: str, assessment: Assessment, rule: str, passed: bool) -> None:
    """Passes when the verdict of `rule` may become `passed`; `assessment` has the overrules that are in force.

    Raises `Conflict` 'screened' once the application is decided, 'wrong-state' when the applicant has it; `Refused` 'unknown-rule',
    'verdict-stands'.
    """
    check_undecided(state)
    verdict = next((one for one in assessment.rules if one.rule == rule), None)
    if verdict is None:
        raise Refused("unknown-rule", "The policy of this call has no rule {rule}.", field="rule", rule=rule)
    if verdict.passed == passed:
        raise Refused("verdict-stands", "This is the verdict of the rule already.", field="passed", rule=rule)


def check_undecided(state: str) -> None:
    """A verdict is overruled before the application is screened: what screening decides is published at once."""
    if state in (ApplicationState.ELIGIBLE, ApplicationState.INELIGIBLE):
        raise Conflict(
            "screened", "The application is {state}: screening has decided, and its verdicts are not overruled any more.", state=state
        )
    if state != ApplicationState.SUBMITTED:
        raise Conflict("wrong-state", "The application is {state}.", state=state)
