"""The list of a call: what is published and hashed, its order, and where the envelope ends.

The published list is JSON (RFC 8259) with sorted keys, no spaces, ASCII only, its entries sorted by application id; the list
hash is SHA-256 over these bytes. It holds everything that the order depends on but the nonce, so that anyone who has the list
and the nonce can repeat ranking and draw.

Strict order: the cut-off comes at the first entry that the envelope cannot hold in full, and nobody further down overtakes it,
however small the request. The same holds later for the reserve list.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from uuid import UUID

from services.evaluation.domain.draw import draw_key

GRANTED, RESERVE, REFUSED = "granted", "reserve", "refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """One case in the list. `score` (what is ranked) and `criteria` are hundredths of a point; `failed` names missed thresholds."""

    application_id: UUID
    amount_minor: int
    requested_minor: int
    score: int = 0
    criteria: dict[str, int] = field(default_factory=dict)
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """The published list. `criteria` and `ties` are in the policy's order."""

    call_id: UUID
    method: str
    policy_id: str
    currency: str
    envelope_minor: int
    criteria: tuple[str, ...]
    ties: tuple[str, ...]
    entries: tuple[Entry, ...]

    def text(self) -> str:
        """The canonical text."""
        listed = replace(self, entries=tuple(sorted(self.entries, key=lambda entry: str(entry.application_id))))
        return json.dumps(listed, sort_keys=True, separators=(",", ":"), default=_plain)

    def hash(self) -> str:
        return hashlib.sha256(self.text().encode("ascii")).hexdigest()


def _plain(value: Listing | Entry | UUID) -> dict[str, object] | str:
    """What JSON does not know, one at a time: a copy of the whole list first is what made a case of a long list dear."""
    return str(value) if isinstance(value, UUID) else {each.name: getattr(value, each.name) for each in fields(value)}


@dataclass(frozen=True, slots=True)
class Place:
    """`rank` counts from 1 through the whole list; `outcome` is granted, reserve or refused."""

    rank: int
    entry: Entry
    outcome: str


def rank(listing: Listing, seed: str) -> list[Place]:
    """The whole list in order: first those who passed, then those who missed a threshold; each by score and the policy's ties."""
    keys = {entry.application_id: draw_key(seed, entry.application_id) for entry in listing.entries}
    ordered = sorted(listing.entries, key=lambda entry: (*sort_key(entry, listing), keys[entry.application_id]))
    outcomes = cut_off(ordered, listing.envelope_minor)
    return [Place(number, entry, outcome) for number, (entry, outcome) in enumerate(zip(ordered, outcomes, strict=True), start=1)]


def sort_key(entry: Entry, listing: Listing) -> tuple[object, ...]:
    """The order without the draw: entries with equal keys are tied, the whole list of a draw among them."""
    if listing.method == "draw":
        return (bool(entry.failed),)
    return (bool(entry.failed), -entry.score, *(_tie(entry, kind, listing.criteria) for kind in listing.ties if kind != "seeded-draw"))


def cut_off(ordered: Iterable[Entry], available_minor: int) -> list[str]:
    """An outcome for each entry in turn: granted while the money lasts, reserve from the first that it cannot hold."""
    outcomes, left, open_to_all = [], available_minor, True
    for entry in ordered:
        if entry.failed:
            outcomes.append(REFUSED)
            continue
        open_to_all = open_to_all and entry.amount_minor <= left
        left -= entry.amount_minor if open_to_all else 0
        outcomes.append(GRANTED if open_to_all else RESERVE)
    return outcomes


def _tie(entry: Entry, kind: str, criteria: Sequence[str]) -> tuple[int, ...]:
    if kind == "criteria-order":
        return tuple(-entry.criteria.get(name, 0) for name in criteria)
    return (entry.requested_minor,)
