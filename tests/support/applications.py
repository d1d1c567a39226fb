"""The start of tests of `applications`: policies, a complete form, actors, instants."""

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI

from shared.files.clamav import Scanner
from shared.files.limits import MIB
from shared.files.store import FileStore
from shared.identity.actor import Actor, Role, grants
from shared.policy.call import CallDefinition, load_call
from shared.policy.schema import Policy
from shared.web.uploads import FileTraffic
from simulation.sample_form import SAMPLE_FORM
from tests.support.policies import BOOK, REGIONS

KEY = bytes(32)
HERE, CALL_FILE = "hr-koprivnica", REGIONS / "hr-koprivnica/calls/digital-voucher-2026-1.toml"
"""A first-come call in EUR, open from 15 December 2025 10:00 to 16 January 2026 12:00 in Zagreb, an hour ahead of UTC."""

BEFORE, OPEN = datetime(2025, 12, 1, tzinfo=UTC), datetime(2025, 12, 20, 9, tzinfo=UTC)
OPENS, CLOSES = datetime(2025, 12, 15, 9, tzinfo=UTC), datetime(2026, 1, 16, 11, tzinfo=UTC)
TAX_NUMBERS = {"BE": "0123456749", "DK": "13585628", "GR": "123456783", "PL": "5260001246"}
FIRM, OTHER_FIRM = UUID(int=1), UUID(int=2)

OFFICER = Actor("officer-1", grants({Role.OFFICER}, {HERE}))
SECOND_OFFICER = Actor("officer-2", grants({Role.OFFICER}, {HERE}))
AUDITOR = Actor("auditor-1", grants({Role.AUDITOR}, {HERE}))


def applicant(organisation: UUID = FIRM) -> Actor:
    return Actor(f"applicant-{organisation.int}", grants({Role.APPLICANT}, {HERE}), organisation)


def evaluator(name: str) -> Actor:
    return Actor(name, grants({Role.EVALUATOR}, {HERE}))


def call_definition() -> CallDefinition:
    return load_call(CALL_FILE, BOOK)[0]


def policy() -> Policy:
    return load_call(CALL_FILE, BOOK)[1]


def form_with(**answers: Any) -> dict[str, Any]:
    """A complete form that passes every rule, with answers changed: `form_with(firm__staff=300)`; None removes one. A firm of another
    country has a tax number of it."""
    form = deepcopy(dict(SAMPLE_FORM))
    form["applicant"]["tax_number"] = TAX_NUMBERS.get(answers.get("applicant__country") or "", form["applicant"]["tax_number"])
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


def keep_files(app: FastAPI, folder: Path, scanner: str = "", largest_mib: int = 20) -> None:
    """The app keeps files in the folder, as a process with these settings does."""
    app.state.files, app.state.file_traffic = FileStore(folder.as_uri()), FileTraffic(Scanner(scanner), largest_mib * MIB)
