"""What each person of the demonstration does, and when. Pure: the seed and the case say it all.

A case is named by its row's key, which is the same in every run of the same input; ids of the platform are not.
The shares are chosen so that every path of the lifecycle runs several times among a few hundred cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from deploy.demo.dice import Dice

BY_HAND_PERCENT = 7
RETURNED_PERCENT = 5
NOT_REPAIRED_PERCENT = 30
WITHDRAWN_APPLICATION_PERCENT = 2
CLAIM_REJECTED_PERCENT = 6
CLAIM_CUT_PERCENT = 6
CONFLICT_PERCENT = 3
DIVERGENT_PERCENT = 7
GIVES_UP_PERCENT = 15
LATE_CLAIM_AFTER = timedelta(days=200)
"""A claim that only an extension of six months' validity makes room for."""


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


_ANSWERS = ((Answer.ACCEPT, 90), (Answer.DECLINE, 5), (Answer.SILENT, 5))
_FATES = (
    (Fate.PLAIN, 76),
    (Fate.NEVER_CLAIMS, 6),
    (Fate.EXTENDED, 5),
    (Fate.SUSPENDED, 4),
    (Fate.WITHDRAWN, 3),
    (Fate.REVOKED_REPAID, 3),
    (Fate.REVOKED_WRITTEN_OFF, 3),
)
_PARTS = (((100,), 55), ((60, 40), 20), ((50, 30), 15), ((40, 30, 30), 10))
"""Percent of the voucher that each claim asks for; what is left is released at the end."""


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


def hands_in_by_hand(dice: Dice, case: str) -> bool:
    """Through draft, save and submit, rather than in the region's list."""
    return dice.percent(BY_HAND_PERCENT, "by hand", case)


def is_returned(dice: Dice, case: str) -> bool:
    """The officer finds something missing."""
    return dice.percent(RETURNED_PERCENT, "returned", case)


def repairs(dice: Dice, case: str) -> bool:
    return not dice.percent(NOT_REPAIRED_PERCENT, "not repaired", case)


def takes_back(dice: Dice, case: str) -> bool:
    """The applicant withdraws while the call is open."""
    return dice.percent(WITHDRAWN_APPLICATION_PERCENT, "takes back", case)


def answer_to_offer(dice: Dice, case: str) -> tuple[Answer, timedelta]:
    """The answer and how long after the offer it comes."""
    return dice.weighted(_ANSWERS, "answer", case), timedelta(days=dice.between(1, 8, "answer after", case))


def plan_of(dice: Dice, case: str) -> Plan:
    fate = dice.weighted(_FATES, "fate", case)
    parts = dice.weighted(_PARTS, "parts", case)
    if fate is Fate.NEVER_CLAIMS:
        parts = ()
    elif fate is Fate.WITHDRAWN:
        parts = parts[:1] if len(parts) > 1 else ()
    after, days = [], 0
    for number, _ in enumerate(parts):
        days += dice.between(4, 30, "claim after", case, number)
        after.append(timedelta(days=days))
    if fate is Fate.EXTENDED:
        after[-1] = LATE_CLAIM_AFTER
    return Plan(fate, parts, tuple(after))


def verdict_on(dice: Dice, reference: str) -> Verdict:
    """On a claim, by the reference of its invoice. One handed in anew after a rejection is accepted."""
    if reference.endswith("-2"):
        return Verdict(100)
    return dice.weighted(
        (
            (Verdict(0), CLAIM_REJECTED_PERCENT),
            (Verdict(80), CLAIM_CUT_PERCENT),
            (Verdict(100), 100 - CLAIM_REJECTED_PERCENT - CLAIM_CUT_PERCENT),
        ),
        "verdict",
        reference,
    )


def declares_conflict(dice: Dice, evaluator: str, case: str) -> bool:
    return dice.percent(CONFLICT_PERCENT, "conflict", evaluator, case)


def score_sheet(dice: Dice, evaluator: str, case: str, points_max: Mapping[str, int]) -> dict[str, int]:
    """Points by criterion: the file's quality, the evaluator's severity, a little noise, and now and then another opinion."""
    quality = dice.between(50, 96, "quality", case)
    severity = dice.between(-5, 5, "severity", evaluator)
    opinion = -40 if dice.percent(DIVERGENT_PERCENT, "opinion", evaluator, case) else 0
    sheet = {}
    for criterion, most in points_max.items():
        noise = dice.between(-8, 8, "noise", evaluator, case, criterion)
        share = min(100, max(0, quality + severity + opinion + noise))
        sheet[criterion] = (most * share + 50) // 100
    return sheet


def gives_up(dice: Dice, case: str, attempt: int) -> bool:
    """After a payment that failed: no further try. A third failure is always the last."""
    return attempt >= 3 or dice.percent(GIVES_UP_PERCENT, "gives up", case, attempt)
