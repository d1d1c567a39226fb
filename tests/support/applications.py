"""What tests of `applications` start from: policies, a complete file, actors, a clock that stands still."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.identity.actor import Actor, Role
from shared.policy.call import CallDefinition, load_call
from shared.policy.loader import load_book
from shared.policy.schema import Policy

REGIONS = Path(__file__).resolve().parents[2] / "regions"
BOOK = load_book(REGIONS)
KEY = bytes(32)
HERE, CALL_FILE = "hr-koprivnica", REGIONS / "hr-koprivnica/calls/digital-voucher-2026-1.toml"
"""A first-come call in EUR, open from 15 December 2025 10:00 to 16 January 2026 12:00 in Zagreb, an hour ahead of UTC."""

BEFORE, OPEN = datetime(2025, 12, 1, tzinfo=UTC), datetime(2025, 12, 20, 9, tzinfo=UTC)
OPENS, CLOSES = datetime(2025, 12, 15, 9, tzinfo=UTC), datetime(2026, 1, 16, 11, tzinfo=UTC)
FIRM, OTHER_FIRM = UUID(int=1), UUID(int=2)

OFFICER = Actor("officer-1", frozenset({Role.OFFICER}), frozenset({HERE}))
AUDITOR = Actor("auditor-1", frozenset({Role.AUDITOR}), frozenset({HERE}))


def applicant(organisation: UUID = FIRM) -> Actor:
    return Actor(f"applicant-{organisation.int}", frozenset({Role.APPLICANT}), frozenset({HERE}), organisation)


def evaluator(name: str) -> Actor:
    return Actor(name, frozenset({Role.EVALUATOR}), frozenset({HERE}))


def call_definition() -> CallDefinition:
    return load_call(CALL_FILE, BOOK)[0]


def policy() -> Policy:
    return load_call(CALL_FILE, BOOK)[1]


_COMPLETE: dict[str, Any] = {
    "language": "hr",
    "synthetic": True,
    "applicant": {
        "name": "Sample Studio One",
        "tax_number": "00000000001",
        "email": "office@studio-one.example",
        "street": "Sample Street 1",
        "postcode": "48000",
        "town": "Koprivnica",
        "country": "HR",
        "nuts": "HR063",
        "activity_code": "74.10",
        "owners": ["Sample Holding"],
    },
    "firm": {"staff": 4, "turnover_minor": 12_000_000, "balance_minor": 5_000_000, "public_control_bp": 0},
    "project": {
        "title": "A digital catalogue of patterns",
        "summary": "Made up for a test.",
        "starts_on": "2026-05-01",
        "ends_on": "2026-09-30",
        "topics": ["design"],
    },
    "costs": {"currency": "EUR", "total_cost_minor": 1_000_000, "requested_minor": 800_000, "own_contribution_minor": 200_000},
    "de_minimis": {"declared": True},
}


def form_with(**answers: Any) -> dict[str, Any]:
    """A complete form that passes every rule, with answers changed: `form_with(firm__staff=300)`; None takes one out."""
    form = deepcopy(_COMPLETE)
    for path, value in answers.items():
        *parents, name = path.split("__")
        part = form
        for parent in parents:
            part = part[parent]
        if value is None:
            part.pop(name)
        else:
            part[name] = value
    return form


@dataclass
class Standing:
    """A clock that stands where it is put."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant
