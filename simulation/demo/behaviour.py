"""The decisions of every person in the demonstration. Pure functions: all follows from the seed, the profile and the case.

A case is named by its organisation's id, which is the same in every run of the same input; the ids that the platform makes are not.
The default shares make every path of the lifecycle occur several times among a few hundred cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from simulation.demo.seeded_random import SeededRandom


class Answer(StrEnum):
    """A beneficiary's answer to an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    NO_REPLY = "no reply"


class PlannedOutcome(StrEnum):
    """The path of an issued voucher, besides ordinary claims."""

    PLAIN = "plain"
    NEVER_CLAIMS = "never claims"
    EXTENDED = "extended"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    REVOKED_REPAID = "revoked, repaid"
    REVOKED_WRITTEN_OFF = "revoked, written off"

    @property
    def revoked(self) -> bool:
        return self in (PlannedOutcome.REVOKED_REPAID, PlannedOutcome.REVOKED_WRITTEN_OFF)


@dataclass(frozen=True)
class BehaviourProfile:
    """How often people do what, and when. Shares are percent or (option, weight); durations are programme time; `_days` are ranges of
    whole days, both ends included.

    `parts`: percent of the voucher that each claim requests; the rest is released at the end. A claim `late_claim_after` the issue is
    possible only on an extended voucher; the defaults fit half a year of validity. `call_extended_before`: a call is extended if its
    list is not imported so long before it closes. `appeals`: against each list. `linked_firms`: applicants of a call in EUR that are one
    undertaking, for which the ceiling of de minimis aid leaves too little.
    """

    individual_percent: int = 7
    returned_percent: int = 5
    not_corrected_percent: int = 30
    withdrawn_application_percent: int = 2
    claim_rejected_percent: int = 6
    claim_cut_percent: int = 6
    conflict_percent: int = 3
    divergent_percent: int = 7
    gives_up_percent: int = 15
    answers: tuple[tuple[Answer, int], ...] = ((Answer.ACCEPT, 90), (Answer.DECLINE, 5), (Answer.NO_REPLY, 5))
    outcomes: tuple[tuple[PlannedOutcome, int], ...] = (
        (PlannedOutcome.PLAIN, 76),
        (PlannedOutcome.NEVER_CLAIMS, 6),
        (PlannedOutcome.EXTENDED, 5),
        (PlannedOutcome.SUSPENDED, 4),
        (PlannedOutcome.WITHDRAWN, 3),
        (PlannedOutcome.REVOKED_REPAID, 3),
        (PlannedOutcome.REVOKED_WRITTEN_OFF, 3),
    )
    parts: tuple[tuple[tuple[int, ...], int], ...] = (((100,), 55), ((60, 40), 20), ((50, 30), 15), ((40, 30, 30), 10))
    answer_days: tuple[int, int] = (1, 8)
    claim_days: tuple[int, int] = (4, 30)
    check_days: tuple[int, int] = (2, 9)
    late_claim_after: timedelta = timedelta(days=200)
    withdraws_after: timedelta = timedelta(days=70)
    extended_after: timedelta = timedelta(days=60)
    extended_by: timedelta = timedelta(days=45)
    suspended_after: timedelta = timedelta(days=12)
    resumed_after: timedelta = timedelta(days=40)
    call_extended_before: timedelta = timedelta(days=10)
    call_extended_by: timedelta = timedelta(days=14)
    seal_every: timedelta = timedelta(days=4)
    recovered_after: timedelta = timedelta(days=12)
    confirmed_after: timedelta = timedelta(days=10)
    order_declined_percent: int = 6
    order_objected_percent: int = 8
    deliver_days: tuple[int, int] = (1, 5)
    provider_suspended_for: timedelta = timedelta(days=25)
    appeals: int = 2
    linked_firms: int = 3
    deposit_missing_percent: int = 0


@dataclass(frozen=True)
class VoucherPlan:
    """`parts`: percent of the voucher's value, one for each claim. `claims_after`: when each is lodged, counted from the issue."""

    outcome: PlannedOutcome
    parts: tuple[int, ...]
    claims_after: tuple[timedelta, ...]


@dataclass(frozen=True)
class ClaimDecision:
    """`granted_percent` of the requested amount; 0 is a rejection."""

    granted_percent: int


@dataclass(frozen=True)
class Behaviour:
    """The decisions that `profile` and the seed give for each case."""

    random: SeededRandom
    profile: BehaviourProfile = field(default_factory=BehaviourProfile)

    def submits_individually(self, case: str) -> bool:
        """True: the applicant drafts, saves and submits. False: the application is in the region's list."""
        return self.random.percent(self.profile.individual_percent, "by hand", case)

    def is_returned(self, case: str) -> bool:
        """True: the officer returns the application as incomplete."""
        return self.random.percent(self.profile.returned_percent, "returned", case)

    def corrects(self, case: str) -> bool:
        """True: the applicant corrects a returned application."""
        return not self.random.percent(self.profile.not_corrected_percent, "not repaired", case)

    def withdraws_application(self, case: str) -> bool:
        """True: the applicant withdraws the application while the call is open."""
        return self.random.percent(self.profile.withdrawn_application_percent, "takes back", case)

    def answer_to_offer(self, case: str) -> tuple[Answer, timedelta]:
        """Returns the answer and how long after the offer it is given."""
        after = timedelta(days=self.random.between(*self.profile.answer_days, "answer after", case))
        return self.random.weighted(self.profile.answers, "answer", case), after

    def voucher_plan(self, case: str) -> VoucherPlan:
        outcome = self.random.weighted(self.profile.outcomes, "fate", case)
        parts = self.random.weighted(self.profile.parts, "parts", case)
        if outcome is PlannedOutcome.NEVER_CLAIMS:
            parts = ()
        elif outcome is PlannedOutcome.WITHDRAWN:
            parts = parts[:1] if len(parts) > 1 else ()
        after, days = [], 0
        for number, _ in enumerate(parts):
            days += self.random.between(*self.profile.claim_days, "claim after", case, number)
            after.append(timedelta(days=days))
        if outcome is PlannedOutcome.EXTENDED:
            after[-1] = self.profile.late_claim_after
        return VoucherPlan(outcome, parts, tuple(after))

    def claim_decision(self, reference: str) -> ClaimDecision:
        """The decision on a claim, by the reference of its invoice. A claim that is lodged again after a rejection is accepted."""
        if reference.endswith("-2"):
            return ClaimDecision(100)
        return self.random.weighted(
            (
                (ClaimDecision(0), self.profile.claim_rejected_percent),
                (ClaimDecision(80), self.profile.claim_cut_percent),
                (ClaimDecision(100), 100 - self.profile.claim_rejected_percent - self.profile.claim_cut_percent),
            ),
            "verdict",
            reference,
        )

    def declares_conflict(self, evaluator: str, case: str) -> bool:
        return self.random.percent(self.profile.conflict_percent, "conflict", evaluator, case)

    def quality(self, case: str) -> int:
        """Of the application, in percent of the points."""
        return self.random.between(50, 96, "quality", case)

    def score_sheet(self, evaluator: str, case: str, points_max: Mapping[str, int], *, raised: int = 0) -> dict[str, int]:
        """Returns points by criterion: the quality of the case, the evaluator's severity, a little noise, and sometimes a very
        different opinion, so that a third evaluator is needed. `raised`: so much more, in percent, after an appeal."""
        quality = self.quality(case) + raised
        severity = self.random.between(-5, 5, "severity", evaluator)
        opinion = -40 if self.random.percent(self.profile.divergent_percent, "opinion", evaluator, case) else 0
        sheet = {}
        for criterion, most in points_max.items():
            noise = self.random.between(-8, 8, "noise", evaluator, case, criterion)
            share = min(100, max(0, quality + severity + opinion + noise))
            sheet[criterion] = (most * share + 50) // 100
        return sheet

    def checked_after(self, reference: str) -> timedelta:
        """How long after it was lodged a claim is checked."""
        return timedelta(days=self.random.between(*self.profile.check_days, "checked after", reference))

    def declines(self, order: str) -> bool:
        """True: the provider does not accept the order."""
        return self.random.percent(self.profile.order_declined_percent, "declined", order)

    def objects(self, order: str) -> bool:
        """True: the beneficiary objects to the delivery at first."""
        return self.random.percent(self.profile.order_objected_percent, "objected", order)

    def delivered_after(self, order: str) -> timedelta:
        """How long after it accepted the order the provider has delivered."""
        return timedelta(days=self.random.between(*self.profile.deliver_days, "delivered after", order))

    def pays_deposit(self, case: str) -> bool:
        """False: the own share is not paid in, and the aid lapses."""
        return not self.random.percent(self.profile.deposit_missing_percent, "no deposit", case)

    def gives_up(self, case: str, attempt: int) -> bool:
        """True: a failed payment is not tried again. The third failure is always the last."""
        return attempt >= 3 or self.random.percent(self.profile.gives_up_percent, "gives up", case, attempt)
