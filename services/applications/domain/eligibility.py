"""May this application be funded? The rules are the policy's; the facts come from the form."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from services.applications.domain.firm_size import Size, figures_of, size_of
from services.applications.domain.form import Form
from shared.kernel.money import Money
from shared.policy.rules import Fact, check_eligibility
from shared.policy.schema import Policy

NOT_REPAIRED = "not-repaired"
"""The rule that fails when a returned file does not come back in time."""

FIELDS: Mapping[str, str] = {
    "staff": "firm.staff",
    "turnover_minor": "firm.turnover_minor",
    "balance_minor": "firm.balance_minor",
    "public_control_bp": "firm.public_control_bp",
    "activity_code": "applicant.activity_code",
    "country": "applicant.country",
    "nuts": "applicant.nuts",
    "place": "applicant.town",
    "total_cost_minor": "costs.total_cost_minor",
    "requested_minor": "costs.requested_minor",
    "own_contribution_minor": "costs.own_contribution_minor",
    "de_minimis_declared": "de_minimis.declared",
    "de_minimis_declared_minor": "de_minimis.aid",
}
"""Where in the form each fact of `shared.policy.rules.FACTS` is answered."""


class RuleVerdict(BaseModel):
    """One rule: whether it holds, what it says when not, which answer it is about, and the facts it looked at."""

    model_config = ConfigDict(frozen=True)

    rule: str
    passed: bool
    message: str
    field: str
    facts: dict[str, Any]


class Assessment(BaseModel):
    """`amount_minor` is the aid that would be granted: asked for, at most what intensity and the largest voucher allow."""

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
    """Every rule's verdict for this form; `on` is the local day of assessment, from which the years of de minimis count back."""
    results = check_eligibility(policy, facts_of(policy, form, on))
    verdicts = [
        RuleVerdict(
            rule=result.rule_id,
            passed=result.passed,
            message=result.message,
            field=FIELDS.get(result.field, result.field),
            facts=dict(result.facts_used),
        )
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
    """The day it is in the region."""
    return instant.astimezone(ZoneInfo(policy.zone)).date()


def facts_of(policy: Policy, form: Form, on: date) -> dict[str, Fact]:
    """The facts that rules may ask for; related firms are counted into the size."""
    figures = figures_of(form.firm)
    return {
        "staff": figures.staff,
        "turnover_minor": figures.turnover_minor,
        "balance_minor": figures.balance_minor,
        "public_control_bp": form.firm.public_control_bp,
        "activity_code": form.applicant.activity_code,
        "country": form.applicant.country,
        "nuts": form.applicant.nuts,
        "place": form.applicant.town,
        "total_cost_minor": form.costs.total_cost_minor,
        "requested_minor": form.costs.requested_minor,
        "own_contribution_minor": form.costs.own_contribution_minor,
        "de_minimis_declared": form.de_minimis.declared,
        "de_minimis_declared_minor": declared_aid_minor(form, on, policy.de_minimis.window_years),
    }


def declared_aid_minor(form: Form, on: date, window_years: int) -> int:
    """The de minimis aid granted within the years before `on`, rolling day by day (Regulation (EU) 2023/2831, article 3)."""
    since = _years_before(on, window_years)
    return sum(aid.amount_minor for aid in form.de_minimis.aid if since < aid.granted_on <= on)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def aid_minor(policy: Policy, form: Form) -> int | None:
    """None while cost or request is not known."""
    asked, cost = form.costs.requested_minor, form.costs.total_cost_minor
    if asked is None or cost is None:
        return None
    return min(asked, policy.largest_aid(Money(cost, policy.currency)).minor)
