"""The list of a call: what is published and hashed, its order, and where the envelope ends.

The published list is JSON (RFC 8259) with sorted keys, no spaces, ASCII only, its entries sorted by application id; the list
hash is SHA-256 of these bytes. It holds everything that the order depends on except the nonce, so that anyone who has the list
and the nonce can repeat ranking and draw.

What becomes of the money at the cut-off: `allotment.py`. A list whose policy names no rule is hashed without one.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from uuid import UUID

from services.evaluation.domain.allotment import WAIT, Fundable, Rule, Shortage, allot
from services.evaluation.domain.draw import draw_key
from shared.kernel.vocabulary import DecisionOutcome, SelectionMethod

PUBLISHED_NAMES = {"selection_method": "method"}
"""Attribute → key in the published list, where the two differ. The hash is public, so the keys of the list never change."""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One case in the list. `score` (by which it is ranked) and `criteria` are hundredths of a point; `failed` names missed thresholds.
    `smallest_minor`: the least that a part of it may be, where its type of voucher has its own."""

    application_id: UUID
    amount_minor: int
    requested_minor: int
    score: int = 0
    criteria: dict[str, int] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    smallest_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The published list. `criteria` and `ties` (the rules for equal scores) are in the policy's order."""

    call_id: UUID
    selection_method: str
    policy_id: str
    currency: str
    envelope_minor: int
    criteria: tuple[str, ...]
    ties: tuple[str, ...]
    entries: tuple[ListEntry, ...]
    when_short: Rule | None = None
    smallest_minor: int | None = None

    @property
    def shortage(self) -> Shortage:
        return Shortage(self.when_short or "wait", self.smallest_minor or 0)

    def text(self) -> str:
        """The canonical text."""
        listed = replace(self, entries=tuple(sorted(self.entries, key=lambda entry: str(entry.application_id))))
        return json.dumps(listed, sort_keys=True, separators=(",", ":"), default=_plain)

    def hash(self) -> str:
        """SHA-256 of the canonical text, lower-case hex."""
        return hashlib.sha256(self.text().encode("ascii")).hexdigest()


def _plain(value: Listing | ListEntry | UUID) -> dict[str, object] | str:
    """A value that JSON has no form for, one at a time: copying the whole list first made long lists expensive."""
    if isinstance(value, UUID):
        return str(value)
    found = {PUBLISHED_NAMES.get(each.name, each.name): getattr(value, each.name) for each in fields(value)}
    return {name: part for name, part in found.items() if part is not None}


@dataclass(frozen=True, slots=True)
class RankedEntry:
    """`rank` counts from 1 through the whole list. `awarded_minor`: 0 where nothing is granted."""

    rank: int
    entry: ListEntry
    outcome: DecisionOutcome
    awarded_minor: int = 0


def rank_entries(listing: Listing, seed: str) -> list[RankedEntry]:
    """The whole list in order: entries that passed, then those that missed a threshold; each by score, then by the policy's ties."""
    keys = {entry.application_id: draw_key(seed, entry.application_id) for entry in listing.entries}
    ordered = sorted(listing.entries, key=lambda entry: (*sort_key(entry, listing), keys[entry.application_id]))
    allotted = allot(ordered, listing.envelope_minor, listing.shortage)
    pairs = zip(ordered, allotted, strict=True)
    return [RankedEntry(number, entry, one.outcome, one.amount_minor) for number, (entry, one) in enumerate(pairs, start=1)]


def sort_key(entry: ListEntry, listing: Listing) -> tuple[object, ...]:
    """The order without the draw: entries with equal keys are tied. In a call by draw all entries that passed are tied."""
    if listing.selection_method == SelectionMethod.DRAW:
        return (bool(entry.failed),)
    return (bool(entry.failed), -entry.score, *(_tie_key(entry, rule, listing.criteria) for rule in listing.ties if rule != "seeded-draw"))


def cut_off(ordered: Iterable[Fundable], available_minor: int, shortage: Shortage = WAIT) -> list[DecisionOutcome]:
    """The outcomes of `allot`."""
    return [one.outcome for one in allot(ordered, available_minor, shortage)]


def _tie_key(entry: ListEntry, rule: str, criteria: Sequence[str]) -> tuple[int, ...]:
    if rule == "criteria-order":
        return tuple(-entry.criteria.get(name, 0) for name in criteria)
    return (entry.requested_minor,)
