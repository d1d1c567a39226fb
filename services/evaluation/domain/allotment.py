"""Where the money of a call ends, and what becomes of what is left there.

The policy says which of three rules holds (`[selection] when_short`); without it, the first.

* wait: the first entry that the money cannot hold in full ends the list; none below overtakes it, however small the request.
* skip: it stays on the reserve list, and the money goes to the next ones that it holds in full.
* partial: it is offered what is left, unless that is less than the smallest voucher, of its type where types have their own; then all
  below are on the reserve list. The applicant may decline. A part is never above what was found eligible, so never above cost × intensity.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, Protocol

from shared.kernel.vocabulary import DecisionOutcome

Rule = Literal["wait", "skip", "partial"]


class Fundable(Protocol):
    """A case in the order of the list: the aid that it would get, the thresholds that it missed, and the least that a part of it may be
    where its type of voucher has its own; None: that of the policy."""

    @property
    def amount_minor(self) -> int: ...
    @property
    def failed(self) -> tuple[str, ...]: ...
    @property
    def smallest_minor(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Shortage:
    """The rule, and the least that a partial award may be where the case has no least of its own."""

    rule: Rule = "wait"
    smallest_minor: int = 0


WAIT = Shortage()


@dataclass(frozen=True, slots=True)
class Allotment:
    """`amount_minor`: of an award; 0 of another outcome."""

    outcome: DecisionOutcome
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Unspent:
    """What a list leaves: `left_minor` of the money, though `waiting` entries are on the reserve list; `next_minor` is what the first of
    them asks for."""

    left_minor: int
    waiting: int
    next_minor: int | None


def allot(ordered: Iterable[Fundable], available_minor: int, shortage: Shortage = WAIT) -> list[Allotment]:
    """An outcome for each entry in turn. The awards together are never above `available_minor`."""
    entries = list(ordered)
    passed = [entry for entry in entries if not entry.failed]
    least = [entry.smallest_minor for entry in passed]
    given = iter(awards([entry.amount_minor for entry in passed], available_minor, shortage, least))
    found = []
    for entry in entries:
        amount = None if entry.failed else next(given, None)
        outcome = DecisionOutcome.REFUSED if entry.failed else DecisionOutcome.RESERVE if amount is None else DecisionOutcome.GRANTED
        found.append(Allotment(outcome, amount or 0))
    return found


def awards(asked: Sequence[int], available_minor: int, shortage: Shortage = WAIT, least: Sequence[int | None] = ()) -> list[int | None]:
    """What each of those that ask gets in turn, in minor units; None for nothing. All behind the last of the list get nothing. `least`: of
    each the least that a part of it may be, None for that of the policy; empty where nobody has one of its own."""
    left = max(0, available_minor)
    if shortage.rule == "skip":
        return _skipping(asked, left)
    sums = list(accumulate(asked))
    whole = bisect_right(sums, left)
    left -= sums[whole - 1] if whole else 0
    part = shortage.rule == "partial" and whole < len(asked) and left >= max(1, _least(whole, least, shortage))
    return [*asked[:whole], *([left] if part else [])]


def award_in_queue(asked_minor: int, free_minor: int, shortage: Shortage = WAIT, *, has_waiting: bool) -> int | None:
    """What the next case of a queue gets now; None: it waits. While somebody waits before it, it gets nothing but by the rule "skip"."""
    if has_waiting and shortage.rule != "skip":
        return None
    return next(iter(awards([asked_minor], free_minor, shortage)), None)


def next_from_reserve(waiting: Iterable[Fundable], free_minor: int, shortage: Shortage = WAIT) -> list[bool]:
    """Of each entry of the reserve list in turn, whether it is granted in full now. A part is offered only where the list ends: money that
    is released later would come in many small parts."""
    rule = Shortage("skip") if shortage.rule == "skip" else WAIT
    return [one.outcome == DecisionOutcome.GRANTED for one in allot(waiting, free_minor, rule)]


def unspent(ordered: Iterable[Fundable], allotted: Iterable[Allotment], available_minor: int) -> Unspent:
    """For a person to act on: to add to the envelope, to transfer what is left, or to let it be."""
    pairs = list(zip(ordered, allotted, strict=True))
    left = available_minor - sum(one.amount_minor for _, one in pairs)
    asked = [entry.amount_minor for entry, one in pairs if one.outcome == DecisionOutcome.RESERVE]
    return Unspent(left, len(asked), asked[0] if asked else None)


def _least(place: int, least: Sequence[int | None], shortage: Shortage) -> int:
    own = least[place] if least else None
    return shortage.smallest_minor if own is None else own


def _skipping(asked: Sequence[int], left_minor: int) -> list[int | None]:
    found: list[int | None] = []
    for amount in asked:
        fits = amount <= left_minor
        left_minor -= amount if fits else 0
        found.append(amount if fits else None)
    return found
