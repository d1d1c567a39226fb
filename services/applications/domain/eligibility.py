"""Judges an application by the eligibility rules of its policy. The facts come from the form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from services.applications.domain.firm_size import Figures, Size, figures_of, size_of
from services.applications.domain.form import Form, answer_at
from shared.kernel.money import Money
from shared.policy.rules import Fact, check_eligibility
from shared.policy.schema import Policy
from shared.policy.state_aid import counts_on

NOT_REPAIRED = "not-repaired"
"""The rule that fails when a returned application is not corrected in time."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Values computed over several answers: the firm with its related firms, and the de minimis aid that counts today."""

    figures: Figures
    declared_aid_minor: int


@dataclass(frozen=True, slots=True)
class FormFact:
    """A fact with the path of its answer in the form; `total` computes the fact when it is not that answer itself."""

    path: str
    total: Callable[[Totals], Fact] | None = None


FORM_FACTS: Mapping[str, FormFact] = {
    "staff": FormFact("firm.staff", lambda totals: totals.figures.staff),
    "turnover_minor": FormFact("firm.turnover_minor", lambda totals: totals.figures.turnover_minor),
    "balance_minor": FormFact("firm.balance_minor", lambda totals: totals.figures.balance_minor),
    "public_control_bp": FormFact("firm.public_control_bp"),
    "activity_code": FormFact("applicant.activity_code"),
    "country": FormFact("applicant.country"),
    "nuts": FormFact("applicant.nuts"),
    "place": FormFact("applicant.town"),
    "total_cost_minor": FormFact("costs.total_cost_minor"),
    "requested_minor": FormFact("costs.requested_minor"),
    "own_contribution_minor": FormFact("costs.own_contribution_minor"),
    "de_minimis_declared": FormFact("de_minimis.declared"),
    "de_minimis_declared_minor": FormFact("de_minimis.aid", lambda totals: totals.declared_aid_minor),
}
"""Each fact of `shared.policy.rules.FACTS`, by its name there."""


class RuleVerdict(BaseModel):
    """The result of one rule: the answer it is about, and the facts it used. Its message is looked up in the policy when shown.
    `overruled`: two officers have decided `passed`, against the rule."""

    model_config = ConfigDict(frozen=True)

    rule: str
    passed: bool
    overruled: bool = False
    field: str
    facts: dict[str, Any]


class Assessment(BaseModel):
    """The result of all rules. `amount_minor` is the aid that would be granted: the request, at most what intensity and the largest
    voucher allow. `size` and `amount_minor` are None while an answer that they need is missing."""

    model_config = ConfigDict(frozen=True)

    eligible: bool
    policy_id: str
    size: Size | None
    amount_minor: int | None
    rules: list[RuleVerdict]

    @property
    def failed(self) -> list[str]:
        return [verdict.rule for verdict in self.rules if not verdict.passed]


def assess(policy: Policy, form: Form, on: date) -> Assessment:
    """Every rule's verdict for this form. `on` is the local day of assessment, from which the years of de minimis aid count back."""
    results = check_eligibility(policy, facts_of(policy, form, on))
    verdicts = [
        RuleVerdict(rule=result.rule_id, passed=result.passed, field=_path_of(result.field), facts=dict(result.facts_used))
        for result in results
    ]
    return Assessment(
        eligible=all(verdict.passed for verdict in verdicts),
        policy_id=policy.id,
        size=size_of(figures_of(form.firm), Decimal(policy.de_minimis.eur_rate)),
        amount_minor=aid_minor(policy, form),
        rules=verdicts,
    )


def local_day(instant: datetime, policy: Policy) -> date:
    """The region's calendar day at the instant."""
    return instant.astimezone(ZoneInfo(policy.zone)).date()


def facts_of(policy: Policy, form: Form, on: date) -> dict[str, Fact]:
    """The facts that rules may use, by name; related firms count into the size."""
    totals = Totals(figures_of(form.firm), declared_aid_minor(form, on, policy.de_minimis.window_years))
    return {name: fact.total(totals) if fact.total else answer_at(form, fact.path) for name, fact in FORM_FACTS.items()}


def declared_aid_minor(form: Form, on: date, window_years: int) -> int:
    """The de minimis aid granted within the years before `on`, rolling day by day (Regulation (EU) 2023/2831, article 3)."""
    return sum(aid.amount_minor for aid in form.de_minimis.aid if counts_on(aid.granted_on, on, window_years))


def aid_minor(policy: Policy, form: Form) -> int | None:
    """The aid that would be granted, in minor units. None while the cost or the request is missing."""
    requested, cost = form.costs.requested_minor, form.costs.total_cost_minor
    if requested is None or cost is None:
        return None
    return min(requested, policy.largest_aid(Money(cost, policy.currency)).minor)


def _path_of(fact: str) -> str:
    """The path of the answer that a rule names as its field; the name itself when it is not a fact."""
    return FORM_FACTS[fact].path if fact in FORM_FACTS else fact
