"""The response models of what rules and sums say of an application. Amounts are minor units of `currency`."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.applications.domain.costs import Excess
from services.applications.domain.firm_size import Size
from shared.kernel.vocabulary import ApplicationState


class RuleVerdictView(BaseModel):
    """The result of one rule. `message` says in the reader's language why an application does not pass it, `field` is the path of the
    answer that it is about, `facts` are the facts that it used, `labels` what the form of the call asks for each, in that language,
    and `chosen` the answer to a choice in its words.
    `overruled`: two officers decided `passed` against the rule."""

    rule: str
    passed: bool
    overruled: bool = False
    message: str
    field: str
    facts: dict[str, Any]
    labels: dict[str, str] = {}
    chosen: dict[str, str] = {}


class AssessmentView(BaseModel):
    """The results of all rules. `amount_minor` is the aid that would be granted: the request, at most what intensity and the largest
    voucher allow."""

    eligible: bool
    policy_id: str
    size: Size | None
    amount_minor: int | None
    rules: list[RuleVerdictView]


class ValueView(BaseModel):
    """The limits of the aid: at most `intensity_bp` of the costs, between the two amounts; the own contribution is at least its share."""

    smallest_minor: int
    largest_minor: int
    intensity_bp: int
    own_contribution_bp: int


class CostsView(BaseModel):
    """What the answers about money come to; null while an answer is missing. `share_bp`: the aid asked of the total cost; `most_minor`,
    `least_own_minor`: the most aid and the least own contribution for this cost. `excesses`: of each limit that is not kept, by how much
    it is missed. `own_hours_minor`: what the declared own hours come to, a part of the own contribution."""

    total_minor: int | None
    budget_minor: int | None
    requested_minor: int | None
    own_minor: int | None
    other_public_minor: int | None
    share_bp: int | None
    most_minor: int | None
    least_own_minor: int | None
    excesses: dict[Excess, int]
    own_hours_minor: int


class HeadroomView(BaseModel):
    """De minimis aid that counts from the day after `since` on: what the form lists, what was awarded here and is not listed, what the
    ceiling leaves, what is asked for, and by how much that is too much. The register of the member state decides."""

    since: date
    ceiling_minor: int
    declared_minor: int
    awarded_minor: int
    left_minor: int
    asked_minor: int
    above_minor: int


class EligibilityView(AssessmentView):
    """`screened`: this is the result that counts; otherwise the rules would decide so today, and the answers in `missing` are needed.
    `value`, `costs` and `de_minimis` are in `currency`, and of now. `year_left_minor`: what the applicant can still get of the aid of a
    calendar year (`year_excess`: what is above it is refused or cut), null without such a limit."""

    application_id: UUID
    state: ApplicationState
    screened: bool
    missing: list[str]
    currency: str
    value: ValueView
    costs: CostsView
    de_minimis: HeadroomView
    year_left_minor: int | None = None
    year_excess: str | None = None


class ScreeningView(BaseModel):
    """One application after screening. `assessment` is null when it was not corrected in time, and so never judged."""

    application_id: UUID
    state: ApplicationState
    assessment: AssessmentView | None
