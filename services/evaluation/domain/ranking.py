"""The list of a call: what is published and hashed, its order, and where the envelope ends.

The published list is JSON (RFC 8259) with sorted keys, no spaces, ASCII only, its entries sorted by application id; the list
hash is SHA-256 of these bytes. It holds everything that the order depends on except the nonce, so that anyone who has the list
and the nonce can repeat ranking and draw.

Strict order: the cut-off is at the first entry that the envelope cannot hold in full, and no entry below overtakes it, however
small the request. The same rule holds later for the reserve list.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from uuid import UUID

from services.evaluation.domain.draw import draw_key
from shared.kernel.vocabulary import DecisionOutcome, SelectionMethod

PUBLISHED_NAMES = {"selection_method": "method"}
"""Attribute → key in the published list, where the two differ. The hash is public, so the keys of the list never change."""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One case in the list. `score` (by which it is ranked) and `criteria` are hundredths of a point; `failed` names missed thresholds."""

    application_id: UUID
    amount_minor: int
    requested_minor: int
    score: int = 0
    criteria: dict[str, int] = field(default_factory=dict)
    failed: tuple[str, ...] = ()


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
    return {PUBLISHED_NAMES.get(each.name, each.name): getattr(value, each.name) for each in fields(value)}


@dataclass(frozen=True, slots=True)
class RankedEntry:
    """`rank` counts from 1 through the whole list."""

    rank: int
    entry: ListEntry
    outcome: DecisionOutcome


def rank_entries(listing: Listing, seed: str) -> list[RankedEntry]:
    """The whole list in order: entries that passed, then those that missed a threshold; each by score, then by the policy's ties."""
    keys = {entry.application_id: draw_key(seed, entry.application_id) for entry in listing.entries}
    ordered = sorted(listing.entries, key=lambda entry: (*sort_key(entry, listing), keys[entry.application_id]))
    outcomes = cut_off(ordered, listing.envelope_minor)
    return [RankedEntry(number, entry, outcome) for number, (entry, outcome) in enumerate(zip(ordered, outcomes, strict=True), start=1)]


def sort_key(entry: ListEntry, listing: Listing) -> tuple[object, ...]:
    """The order without the draw: entries with equal keys are tied. In a call by draw all entries that passed are tied."""
    if listing.selection_method == SelectionMethod.DRAW:
        return (bool(entry.failed),)
    return (bool(entry.failed), -entry.score, *(_tie_key(entry, rule, listing.criteria) for rule in listing.ties if rule != "seeded-draw"))


def cut_off(ordered: Iterable[ListEntry], available_minor: int) -> list[DecisionOutcome]:
    """An outcome for each entry in turn: granted while the money lasts, reserve from the first that it cannot hold."""
    outcomes, left, fits = [], available_minor, True
    for entry in ordered:
        if entry.failed:
            outcomes.append(DecisionOutcome.REFUSED)
            continue
        fits = fits and entry.amount_minor <= left
        left -= entry.amount_minor if fits else 0
        outcomes.append(DecisionOutcome.GRANTED if fits else DecisionOutcome.RESERVE)
    return outcomes


def _tie_key(entry: ListEntry, rule: str, criteria: Sequence[str]) -> tuple[int, ...]:
    if rule == "criteria-order":
        return tuple(-entry.criteria.get(name, 0) for name in criteria)
    return (entry.requested_minor,)
