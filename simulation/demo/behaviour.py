"""What each person of the demonstration does, and when. Pure: the seed and the case say it all.

A case is named by its row's key, which is the same in every run of the same input; ids of the platform are not.
The shares are chosen so that every path of the lifecycle runs several times among a few hundred cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from simulation.demo.dice import Dice


class Answer(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    SILENT = "silent"


class Fate(StrEnum):
    """What becomes of an issued voucher besides ordinary claims."""

    PLAIN = "plain"
    NEVER_CLAIMS = "never claims"
    EXTENDED = "extended"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    REVOKED_REPAID = "revoked, repaid"
    REVOKED_WRITTEN_OFF = "revoked, written off"

    @property
    def revoked(self) -> bool:
        return self in (Fate.REVOKED_REPAID, Fate.REVOKED_WRITTEN_OFF)


@dataclass(frozen=True)
class Habits:
    """Shares are percent or (choice, weight), spans programme time, `_days` ranges of whole days with both ends.

    `parts`: percent of the voucher that each claim asks for; what is left is released at the end. A claim `late_claim_after` the
    issue has room only in an extended voucher: the defaults go with half a year of validity. `call_extended_before`: a call that
    would close so soon, before its list is in, is extended.
    """

    by_hand_percent: int = 7
    returned_percent: int = 5
    not_repaired_percent: int = 30
    withdrawn_application_percent: int = 2
    claim_rejected_percent: int = 6
    claim_cut_percent: int = 6
    conflict_percent: int = 3
    divergent_percent: int = 7
    gives_up_percent: int = 15
    answers: tuple[tuple[Answer, int], ...] = ((Answer.ACCEPT, 90), (Answer.DECLINE, 5), (Answer.SILENT, 5))
    fates: tuple[tuple[Fate, int], ...] = (
        (Fate.PLAIN, 76),
        (Fate.NEVER_CLAIMS, 6),
        (Fate.EXTENDED, 5),
        (Fate.SUSPENDED, 4),
        (Fate.WITHDRAWN, 3),
        (Fate.REVOKED_REPAID, 3),
        (Fate.REVOKED_WRITTEN_OFF, 3),
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


@dataclass(frozen=True)
class Plan:
    """`parts` in percent of the voucher's value; `claims_after` counts from the issue, one for each part."""

    fate: Fate
    parts: tuple[int, ...]
    claims_after: tuple[timedelta, ...]


@dataclass(frozen=True)
class Verdict:
    """`granted_percent` of what a claim asks for; 0 is a rejection."""

    granted_percent: int


@dataclass(frozen=True)
class Behaviour:
    """What `habits` come to in a case."""

    dice: Dice
    habits: Habits = field(default_factory=Habits)

    def hands_in_by_hand(self, case: str) -> bool:
        """Through draft, save and submit, rather than in the region's list."""
        return self.dice.percent(self.habits.by_hand_percent, "by hand", case)

    def is_returned(self, case: str) -> bool:
        """The officer finds something missing."""
        return self.dice.percent(self.habits.returned_percent, "returned", case)

    def repairs(self, case: str) -> bool:
        return not self.dice.percent(self.habits.not_repaired_percent, "not repaired", case)

    def takes_back(self, case: str) -> bool:
        """The applicant withdraws while the call is open."""
        return self.dice.percent(self.habits.withdrawn_application_percent, "takes back", case)

    def answer_to_offer(self, case: str) -> tuple[Answer, timedelta]:
        """The answer and how long after the offer it comes."""
        after = timedelta(days=self.dice.between(*self.habits.answer_days, "answer after", case))
        return self.dice.weighted(self.habits.answers, "answer", case), after

    def plan_of(self, case: str) -> Plan:
        fate = self.dice.weighted(self.habits.fates, "fate", case)
        parts = self.dice.weighted(self.habits.parts, "parts", case)
        if fate is Fate.NEVER_CLAIMS:
            parts = ()
        elif fate is Fate.WITHDRAWN:
            parts = parts[:1] if len(parts) > 1 else ()
        after, days = [], 0
        for number, _ in enumerate(parts):
            days += self.dice.between(*self.habits.claim_days, "claim after", case, number)
            after.append(timedelta(days=days))
        if fate is Fate.EXTENDED:
            after[-1] = self.habits.late_claim_after
        return Plan(fate, parts, tuple(after))

    def verdict_on(self, reference: str) -> Verdict:
        """On a claim, by the reference of its invoice. One handed in anew after a rejection is accepted."""
        if reference.endswith("-2"):
            return Verdict(100)
        return self.dice.weighted(
            (
                (Verdict(0), self.habits.claim_rejected_percent),
                (Verdict(80), self.habits.claim_cut_percent),
                (Verdict(100), 100 - self.habits.claim_rejected_percent - self.habits.claim_cut_percent),
            ),
            "verdict",
            reference,
        )

    def declares_conflict(self, evaluator: str, case: str) -> bool:
        return self.dice.percent(self.habits.conflict_percent, "conflict", evaluator, case)

    def score_sheet(self, evaluator: str, case: str, points_max: Mapping[str, int]) -> dict[str, int]:
        """Points by criterion: the file's quality, the evaluator's severity, a little noise, and now and then another opinion."""
        quality = self.dice.between(50, 96, "quality", case)
        severity = self.dice.between(-5, 5, "severity", evaluator)
        opinion = -40 if self.dice.percent(self.habits.divergent_percent, "opinion", evaluator, case) else 0
        sheet = {}
        for criterion, most in points_max.items():
            noise = self.dice.between(-8, 8, "noise", evaluator, case, criterion)
            share = min(100, max(0, quality + severity + opinion + noise))
            sheet[criterion] = (most * share + 50) // 100
        return sheet

    def checked_after(self, reference: str) -> timedelta:
        """How long after it was handed in a claim is looked at."""
        return timedelta(days=self.dice.between(*self.habits.check_days, "checked after", reference))

    def gives_up(self, case: str, attempt: int) -> bool:
        """After a payment that failed: no further try. A third failure is always the last."""
        return attempt >= 3 or self.dice.percent(self.habits.gives_up_percent, "gives up", case, attempt)
