"""The tables of a region policy, one class each. Every value is data with a source; no value has a default in code.

Units: `_minor` amounts are minor units of the policy's currency unless the name says EUR, `_bp` shares are basis points
(10,000 is the whole), durations are `shared.calendars.time_limit.TimeLimit`.

A new kind of rule is an **optional** field (`... | None = None`) whose absence means what the rule was before: a policy's id
hashes the fields that its file gives, so the ids of the files in force stay. A required field, or a default that is
written into the content, would strand every case in flight with `unknown-policy`.
"""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared.calendars.region import ExtraDay
from shared.calendars.time_limit import TimeLimit
from shared.identity.actor import Role
from shared.identity.permissions import ROLES, Permission
from shared.kernel.money import BASIS
from shared.kernel.vocabulary import EvidenceKind, PaymentMode, SelectionMethod
from shared.policy.state_aid import regulation_of, regulations_counted

BasisPoints = Annotated[int, Field(ge=0, le=BASIS)]
Minor = Annotated[int, Field(ge=0)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=80, examples=["some-name"])]
"""Short enough for an index. Without the example, the API's page makes one up from the pattern, thousands of letters long."""
Titles = dict[str, Text]
"""A text per language code, e.g. {"el": "…", "en": "…"}."""


class Strict(BaseModel):
    """Frozen, no unknown field, no coercion: a typing mistake in a policy file is an error, never a value."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Translated(Strict):
    """A text in English with its translations. Translations are wording, no rule: they are no part of the policy's id."""

    translations: Titles = {}


class CalendarData(Strict):
    """`country` (ISO 3166) gives the national holidays, `extra_days` the region's own."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    extra_days: tuple[ExtraDay, ...]


class PublicRandomness(Strict):
    """A drand beacon (scheme bls-unchained-g1-rfc9380) whose first round after the end of screening enters the seed of the draw. All
    values are those that the beacon publishes of itself; `chain_hash` names it, `public_key` proves its rounds."""

    beacon: Literal["drand"]
    chain_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    public_key: Annotated[str, Field(pattern="^[0-9a-f]{192}$")]
    genesis_at: datetime
    period_seconds: Annotated[int, Field(gt=0, le=3600)]

    @model_validator(mode="after")
    def _with_a_zone(self) -> Self:
        if self.genesis_at.tzinfo is None:
            raise ValueError("genesis_at is an instant with a zone")
        return self


class Selection(Strict):
    """How cases are chosen, who approves the list, how a tie is broken (in this order). A call's reserve list ends at most
    `reserve_list_days` calendar days after its evaluation is due; the call says when. Without `randomness` the seed of a draw is made of
    the published list and the nonce alone. `when_short`: what becomes of the money that is less than the next case of a list asks for.
    It waits, as without this value; goes to the next one that it holds in full; or is offered as a part of it."""

    method: SelectionMethod
    approval: Literal["officer", "none"]
    reserve_list_days: Annotated[int, Field(ge=0)]
    seed: Literal["published-list-and-nonce"]
    ties: tuple[Literal["criteria-order", "lower-request", "seeded-draw"], ...]
    randomness: PublicRandomness | None = None
    when_short: Literal["wait", "skip", "partial"] | None = None


class Payment(Strict):
    """Who is paid when a claim is accepted (what is paid before: `instalments.Advance`), and within which time the service payments
    answers a request to reserve, commit or release; after that the delay is announced."""

    mode: PaymentMode
    answer_within: TimeLimit


class Value(Strict):
    """The voucher's amount: aid = cost × intensity, between smallest and largest; the applicant's share of the cost at least `own`."""

    smallest_minor: Minor
    largest_minor: Annotated[int, Field(gt=0)]
    intensity_bp: Annotated[int, Field(gt=0, le=BASIS)]
    own_contribution_bp: BasisPoints
    recoverable_vat_eligible: bool

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.smallest_minor > self.largest_minor:
            raise ValueError("smallest_minor is above largest_minor")
        if self.intensity_bp + self.own_contribution_bp > BASIS:
            raise ValueError("intensity_bp and own_contribution_bp are more than the whole")
        return self


class Extension(Strict):
    """How often, and by how much each time, the validity may be extended."""

    max_count: Annotated[int, Field(ge=0)]
    longest: TimeLimit


class Offer(Strict):
    """Time to accept, and how many calendar days before its end reminders go out (the earliest first)."""

    accept_within: TimeLimit
    reminders_before_days: tuple[Annotated[int, Field(gt=0)], ...]

    @model_validator(mode="after")
    def _earliest_first(self) -> Self:
        if list(self.reminders_before_days) != sorted(set(self.reminders_before_days), reverse=True):
            raise ValueError("reminders_before_days go from the largest to the smallest, each once")
        return self


class Repair(Strict):
    """Time to correct an incomplete application, how often it may be returned, and for which answers (paths of the form, such as
    'project.summary' or 'costs'). Without `fields`, applications has a list without money, identity and project."""

    within: TimeLimit
    max_count: Annotated[int, Field(ge=0)]
    fields: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None


class Criterion(Strict):
    """One line of the score sheet: at most `points_max` points, passed from `threshold_share_bp` of them on. `guidance` says to evaluators
    what to look at, by language: wording, no rule."""

    id: Slug
    title: Titles
    points_max: Annotated[int, Field(gt=0)]
    threshold_share_bp: BasisPoints
    guidance: Titles | None = None


class Evaluation(Strict):
    """Scoring by evaluators. A further one is called when totals differ by `divergence_points` or more, or (if
    `third_when_split`) lie on opposite sides of `total_threshold`; never when all are below it.

    Before the declaration an evaluator never sees who applies; with `blind` not after it either.

    Points of each criterion are justified in at least `justification_min_length` characters; without it a justification is optional.

    An evaluator is reminded of a score sheet from `remind_before_days` calendar days before it is due, and from `escalate_after_days` after
    that an officer has the task to replace them; without these values both begin when it is due.
    """

    evaluators_per_case: Annotated[int, Field(gt=0)]
    divergence_points: Annotated[int, Field(gt=0)]
    third_when_split: bool
    third_score: Literal["nearest-two", "all"]
    adjustment: Literal["none", "shrunk-additive"]
    total_threshold: Annotated[int, Field(ge=0)]
    due: TimeLimit
    blind: bool | None = None
    justification_min_length: Annotated[int, Field(gt=0, le=1000)] | None = None
    remind_before_days: Annotated[int, Field(ge=0, le=60)] | None = None
    escalate_after_days: Annotated[int, Field(ge=0, le=60)] | None = None
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _hundred_points(self) -> Self:
        ids = [criterion.id for criterion in self.criteria]
        if len(set(ids)) != len(ids):
            raise ValueError("two criteria have the same id")
        if sum(criterion.points_max for criterion in self.criteria) != 100:
            raise ValueError("the points of all criteria make 100 together")
        return self


class Rule(Translated):
    """An eligibility rule: a CEL expression over the facts that is true when the applicant passes; see `rules`.

    `message` says in English why an applicant does not pass; `translations` has it in the region's other languages.
    """

    id: Slug
    expression: Text
    message: Text
    field: Text

    def text(self, language: str) -> str:
        """The message in the language; in English where there is no translation."""
        return self.translations.get(language, self.message)


class Eligibility(Strict):
    """Who may be funded. `activity_codes` (NACE) and `places` (NUTS) are prefixes that the rules refer to. `activity_revision`: of NACE, in
    which activities are listed; a code of the other one counts as what it is there. Without it a code counts as it stands.
    `organisations_per_tax_number`: how many with one number may apply in a call; without it there is no such limit."""

    live_applications_per_call: Annotated[int, Field(gt=0)]
    organisations_per_tax_number: Annotated[int, Field(gt=0)] | None = None
    activity_revision: Literal["2", "2.1"] | None = None
    activity_codes: tuple[Text, ...]
    places: tuple[Text, ...]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]


class SmallFirm(Strict):
    """The ceilings of an SME (Recommendation 2003/361/EC): staff below, and turnover or balance sheet at most."""

    staff_below: Annotated[int, Field(gt=0)]
    turnover_max_eur_minor: Minor
    balance_max_eur_minor: Minor
    public_control_below_bp: BasisPoints


class DateWindow(Strict):
    """From which day, and to which one, both included."""

    first: Literal["call-opens", "issue"]
    last: Literal["validity", "claim-window"]


class ClaimDates(Strict):
    """When what is claimed on a voucher is invoiced, delivered and paid: from the opening of the call or the issue of the voucher, to the
    end of its validity or of the claim window. A later end of validity that was granted counts."""

    issued: DateWindow
    delivered: DateWindow
    paid: DateWindow


class Claims(Strict):
    """The claim window (`within` in the files) counts from the end of validity, `check_within` from lodging, `pay_within` from
    acceptance. No claim is below `smallest_minor`, unless it takes all that is left, and a voucher has at most `most_per_voucher` claims
    that are not rejected; without these values there is no such limit. `correct_within` counts from the return of a claim; without it the
    time to repair an application counts. Without `dates` an invoice is dated from the opening of the call on."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    claim_window: Annotated[TimeLimit, Field(alias="within")]
    check_within: TimeLimit
    pay_within: TimeLimit
    evidence: Annotated[tuple[EvidenceKind, ...], Field(min_length=1)]
    smallest_minor: Annotated[int, Field(gt=0)] | None = None
    most_per_voucher: Annotated[int, Field(gt=0)] | None = None
    correct_within: TimeLimit | None = None
    dates: ClaimDates | None = None


class ApprovalStep(Strict):
    """One approval of a disbursement: needed above this amount, by a person who holds this permission in the region."""

    above_minor: Minor
    permission: Permission

    @model_validator(mode="after")
    def _by_who_may_act(self) -> Self:
        if Role.AUDITOR in ROLES[self.permission]:
            raise ValueError(f"{self.permission} only reads: an auditor holds it, and an auditor never approves")
        return self


class Approvals(Strict):
    """Who approves a disbursement, in which order, and how many days a new or changed account waits before anything is paid to it.

    A step's amount is compared with the disbursement and what else is prepared or paid on its voucher, or to its account in the last
    `window_days` days; where a file gives none, payments decides (30 days).

    `steps` is the table of approvals. A file may give `second_approver_above_minor` instead, as the first files do: one approval
    always, a second one above that amount.
    """

    second_approver_above_minor: Minor | None = None
    account_cooling_off_days: Annotated[int, Field(ge=0)]
    steps: Annotated[tuple[ApprovalStep, ...], Field(min_length=1)] | None = None
    window_days: Annotated[int, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _one_table(self) -> Self:
        if (self.steps is None) == (self.second_approver_above_minor is None):
            raise ValueError("exactly one of steps and second_approver_above_minor is given")
        if self.steps and (self.steps[0].above_minor != 0 or list(self.steps) != sorted(self.steps, key=lambda step: step.above_minor)):
            raise ValueError("steps go from above_minor = 0 upwards: every disbursement has an approval")
        return self

    def required(self, amount_minor: int) -> tuple[ApprovalStep, ...]:
        """The steps that a sum of this amount needs, in order."""
        return tuple(step for step in self._table if amount_minor > step.above_minor)

    @property
    def _table(self) -> tuple[ApprovalStep, ...]:
        if self.steps is not None:
            return self.steps
        bounds = (0, self.second_approver_above_minor or 0)
        return tuple(ApprovalStep(above_minor=bound, permission=Permission.APPROVE_DISBURSEMENT) for bound in bounds)


class Budget(Strict):
    """The authority over the money of a call: an envelope above `ceiling_minor` takes effect once a person of finance, other than the
    publisher of the call, has confirmed it. 0: every envelope. Without this table none needs it."""

    ceiling_minor: Minor


class Bank(Strict):
    """The paying account and the profile of its bank; after `silence_after` an answer of the bank counts as missing.

    `channel`: files in both directions are signed, also where it is absent. A bank without signatures has to be named: "unsigned".
    """

    profile: Literal["SEPA_SCT", "DK_DOMESTIC", "PL_DOMESTIC"]
    silence_after: TimeLimit
    debtor_name: Annotated[str, Field(min_length=1, max_length=70)]
    debtor_iban: Annotated[str, Field(pattern=r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$")]
    channel: Literal["signed", "unsigned"] | None = None


class Report(Strict):
    """The report at the end of a project: sent within this time of the settlement of a voucher that was paid. Without this table there is
    none."""

    within: TimeLimit


class Retention(Strict):
    """How long the personal content of a case is kept after it has ended, by how it ended. `shared/privacy/retention.py` says from when
    each term counts. Without this table nothing is removed."""

    draft: TimeLimit
    withdrawn: TimeLimit
    refused: TimeLimit
    paid: TimeLimit


def _decimal_string(text: str) -> str:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or rate <= 0:
        raise ValueError("a rate is a positive decimal string")
    return text


class Providers(Strict):
    """The catalogue of providers, for a scheme in which services are bought from it. `may_apply`: a provider of the region may also apply
    in a call of the scheme, and an applicant may be a provider. `joint_work_years`: so long after joint work provider and beneficiary
    count as related; without it they do not. `answer_within`: the time of a provider to answer an order. Without this table claims may
    name any payee that finance has registered, and who is a provider may apply."""

    may_apply: bool
    answer_within: TimeLimit
    joint_work_years: Annotated[int, Field(gt=0)] | None = None


class Publication(Strict):
    """Whose name open data has with an award: who answered `extra.legal-form` with one of `legal_persons`, from an award of
    `names_from_minor` on. Nobody else's; without this table, nobody's."""

    names_from_minor: Minor
    legal_persons: Annotated[tuple[Slug, ...], Field(min_length=1)]


class StateAid(Strict):
    """What is beside the ceiling. `excluded_activities`: prefixes of NACE classes that the regulation leaves out by the activity itself
    (article 1(1)). With this table payments reserves nothing before it knows what the applicant declares of other aid."""

    excluded_activities: tuple[Text, ...]


class DeMinimis(Strict):
    """Regulation (EU) 2023/2831, or another one by its `regulation`, such as 2023/2832. `ceiling_minor` is EUR cents; `eur_rate` is units
    of the policy's currency for one euro. Aid under the regulations that `counts_with` names counts against the ceiling too."""

    regulation: Annotated[str, Field(pattern=r"^\d{3,4}/\d{2,4}$")] | None = None
    counts_with: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    ceiling_minor: Minor
    window_years: Annotated[int, Field(gt=0)]
    register_within: TimeLimit
    eur_rate: Annotated[str, AfterValidator(_decimal_string)]

    @property
    def named(self) -> str:
        return regulation_of(self)

    @property
    def counted(self) -> frozenset[str]:
        return regulations_counted(self)
