"""One complete application form, for tests and benchmarks: it passes every rule of the Koprivnica sample call."""

from collections.abc import Mapping
from typing import Any

SAMPLE_FORM: Mapping[str, Any] = {
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
        "summary": "A fictional pilot project. " * 20,
        "starts_on": "2026-05-01",
        "ends_on": "2026-09-30",
        "topics": ["design"],
    },
    "costs": {"currency": "EUR", "total_cost_minor": 1_000_000, "requested_minor": 800_000, "own_contribution_minor": 200_000},
    "de_minimis": {"declared": True},
}
"""Amounts in minor units. Copy it before a change."""
