"""What the pages of auditors make of the record: a sentence for each event of a case, values as people write them, filters."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from portal.kit.forms import Form
from portal.programme.audit import _end_of, _faults
from portal.programme.focus import choose_region
from portal.programme.reasons import REASONS, reason
from portal.programme.record import Happened, chosen
from portal.programme.sentences import DECISIONS, RULES, SENTENCES, details, sentence, why
from portal.sessions.cookies import REGION
from shared.contracts import aid, applications, corrections, evaluation, payments, vouchers
from shared.messaging.event import Event

OF_NO_CASE = {
    "ErasureRequested", "SubjectErased", "LegalHoldPlaced", "LegalHoldLifted", "ApplicationTasksCounted", "EvaluationTasksCounted",
    "VoucherTasksCounted", "PaymentTasksCounted",
}  # fmt: skip
"""About an organisation, a hold, or what waits in a region."""


OF_NO_CASE_REASONS = {"own-choice", "restored", "found-by-office", "ended-by-office", "daily"}
"""Reasons of events about persons, links and counts: no case's page has them."""
SERVICES = Path(__file__).resolve().parents[2] / "services"
GIVEN = re.compile(
    r"\breason=\"([a-z-]+)\"|publish_(?:voucher|payee)_event\([^\n]*?, \"([a-z-]+)\"|publish_batch_sealed\([^\n]*?, \"([a-z-]+)\""
)


def event(name: str, service: str = "payments", actor: str = "system", **body: Any) -> Happened:
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    return Happened(service, UUID(int=1), 1, f"{service}.{name}.v1", at, actor, "rule", "be-kortrijk/voucher/2025-12-01@abc", None, body)


def test_every_event_of_a_case_has_a_sentence() -> None:
    modules = (aid, applications, corrections, evaluation, payments, vouchers)
    known = {
        kind.__name__
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Event) and kind.__module__ == module.__name__ and getattr(kind, "type", "")
    }
    assert known - OF_NO_CASE == set(SENTENCES) - {"UndertakingLinkRecorded"}  # of an organisation
    assert set(SENTENCES) >= DECISIONS
    assert sentence(event("SomethingNew"), "en") == "Something new"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"amount_minor": 1_250_050, "currency": "EUR"}, ("amount_minor", "€12,500.50")),
        ({"total_hundredths": 7_205}, ("total_hundredths", "72.05")),
        ({"due_at": "2026-03-01T22:59:00+00:00"}, ("due_at", "Sunday 1 March 2026, 23:59 (Central European Standard Time)")),
        ({"list_hash": "a" * 64}, ("list_hash", "aaaaaaaaaaaa…")),
        ({"rules": ["one", "two"], "region": "be-kortrijk"}, ("rules", "one, two")),
    ],
)
def test_field_of_an_event_reads_as_people_write_it(body: dict[str, Any], shown: tuple[str, str]) -> None:
    assert list(details(event("ClaimAccepted", **body), "Europe/Brussels", "en")) == [shown]


def test_refusal_says_its_rules() -> None:
    refused = event("AwardRefused", "evaluation", rules=["below-threshold", "a-rule-of-the-region"])
    assert why(refused, "en") == ["The total is below the threshold.", "a-rule-of-the-region"]


def test_every_reason_that_services_give_has_words() -> None:
    found = {
        next(filter(None, given.groups()))
        for path in SERVICES.rglob("*.py")
        if "people" not in path.parts
        for given in GIVEN.finditer(path.read_text())
    }
    assert len(found) >= 60
    assert found - OF_NO_CASE_REASONS - set(REASONS) - set(RULES) == set()


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("four-eyes", "A person who did not prepare it approved it"),
        ("below-threshold", "The total is below the threshold."),
        ("place", "The seat is not in the region."),
        ("a-code-of-a-program", "a-code-of-a-program"),
    ],
)
def test_reason_of_an_event_has_words(code: str, shown: str) -> None:
    """A rule of the region has its own sentence; a code that nobody knows stands as it is."""
    happened = replace(event("ApplicationFoundIneligible", "applications"), reason=code)
    assert reason(happened, {"place": "The seat is not in the region."}, "en") == shown


def test_events_are_chosen_by_all_filters_at_once() -> None:
    events = [event("ClaimLodged", actor="a"), event("ClaimLodged", "vouchers", actor="a"), event("BatchSent", actor="b")]
    assert chosen(events, service="", kind="", actor="") == events
    assert chosen(events, service="payments", kind="ClaimLodged", actor="a") == events[:1]


def test_question_for_a_sample_is_checked_field_by_field() -> None:
    asked = {"region": "", "method": "", "seed": "", "size": "0", "until": "soon"}
    assert _faults(asked, "en").keys() == {"region", "seed", "size", "until"}
    assert _faults({**asked, "region": "be-kortrijk", "seed": "x", "size": "", "until": ""}, "en") == {}
    assert _end_of("2026-03-28", "Europe/Brussels") == datetime(2026, 3, 28, 23, tzinfo=UTC)


@pytest.mark.parametrize(("region", "kept"), [("hr-koprivnica", "hr-koprivnica"), ("dk-kolding", '""'), ("", '""')])
def test_region_to_work_in_is_one_of_the_own(region: str, kept: str) -> None:
    visit: Any = SimpleNamespace(form=Form.of([("region", region)]), regions_by_role={"officer": ["be-kortrijk", "hr-koprivnica"]})
    answer = asyncio.run(choose_region(visit))
    assert answer.headers["location"] == "/home"
    assert answer.headers["set-cookie"].startswith(f"{REGION}={kept};")
