"""Applications made of published operations: real amounts, fictional firms, repeated rows, refusals with a reason."""

import json
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from services.applications.domain.answers import Setting
from services.applications.domain.eligibility import assess
from services.applications.domain.form import read_form
from services.applications.domain.submission import check_complete
from shared.policy.call import call_files, load_call
from simulation.demo.published_operations import Refusal, TargetCall, facts_of, is_operation
from simulation.demo.sample_applications import FAILS_PERCENT, HOLDINGS, ImportRow, to_import_row
from tests.support.applications import BOOK, REGIONS

FILE = Path(__file__).resolve().parents[2] / "simulation/demo/operations.jsonl"
OPERATIONS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
CALLS = [load_call(path, BOOK) for path in call_files(REGIONS)]
TARGETS = {
    call.region: TargetCall(policy, BOOK.form_in_force(call.region, call.scheme, call.opens_at.date()), call.closes_at.date())
    for call, policy in CALLS
}
RAW = {
    "country": "HR",
    "region": "SAMPLE COUNTY",
    "fund": "ERDF",
    "programme": "Sample",
    "beneficiary": "SAMPLE STUDIO\n",
    "title": "A sample\ttitle ",
    "summary": None,
    "start": "01.02.2015",
    "end": "2016-02-01",
    "total_eligible": "7534.50",
    "eu_or_grant": "",
    "currency": "HRK",
}


@cache
def rows() -> list[ImportRow]:
    """Of every operation."""
    return [row for operation in OPERATIONS if isinstance(row := to_import_row(operation, TARGETS), ImportRow)]


def import_row(**changed: Any) -> ImportRow:
    row = to_import_row(RAW | changed, TARGETS)
    assert isinstance(row, ImportRow), row
    return row


def test_facts_of_keeps_no_names_or_texts() -> None:
    assert len(OPERATIONS) == 642
    assert all(set(operation) == set(facts_of(RAW)) for operation in OPERATIONS)
    assert set(facts_of(RAW)) & {"beneficiary", "title", "summary", "programme"} == set()
    assert all(is_operation(operation) for operation in OPERATIONS)


def test_every_row_gives_a_complete_synthetic_application() -> None:
    assert len(rows()) == len(OPERATIONS)
    for row in rows():
        target = TARGETS[row.region]
        check_complete(read_form(row.form), target.form, Setting(target.policy, set(TARGETS), date(2026, 1, 10)), files=False)
        assert row.form["synthetic"]
        assert row.form["applicant"]["name"].startswith("Example ")


def test_repeated_rows_are_one_organisation_and_project() -> None:
    assert len({row.row_key for row in rows()}) == 642
    assert len({row.organisation_id for row in rows()}) == 642 - 117
    assert len({(row.organisation_id, json.dumps(row.form)) for row in rows()}) == 642 - 117


def test_stated_share_of_applications_breaks_each_rule() -> None:
    firsts = {row.organisation_id: row for row in rows()}.values()
    failed = Counter(rule for row in firsts for rule in assess(TARGETS[row.region].policy, read_form(row.form), date(2026, 1, 10)).failed)
    made_up = failed.total() - failed["amount-least"]  # too small an amount is a fact of the list
    assert abs(100 * made_up - FAILS_PERCENT * len(firsts)) < 3 * len(firsts)
    expected = {"sme-size", "sme-independent", "place", "activity", "de-minimis-declared", "de-minimis-ceiling", "amount-least"}
    assert set(failed) == expected


def test_row_without_names_gives_the_same_application() -> None:
    named, bare = import_row(), to_import_row(facts_of(RAW), TARGETS)
    assert isinstance(bare, ImportRow)
    assert (named.row_key, named.organisation_id, named.form["costs"]) == (bare.row_key, bare.organisation_id, bare.form["costs"])
    assert (named.form["applicant"]["name"], named.form["project"]["title"]) == ("SAMPLE STUDIO", "A sample title")
    assert bare.form["applicant"]["name"] != "SAMPLE STUDIO"


def test_amounts_kuna_are_converted_and_policy_applied() -> None:
    costs = import_row().form["costs"]
    assert costs == {"currency": "EUR", "total_cost_minor": 100_000, "requested_minor": 80_000, "own_contribution_minor": 20_000}
    costs = import_row(currency="EUR", total_eligible="50000.0").form["costs"]
    assert (costs["requested_minor"], costs["own_contribution_minor"]) == (999_000, 5_000_000 - 999_000)


def test_project_starts_after_the_call_and_keeps_its_duration() -> None:
    project = import_row(end="01/05/2015").form["project"]
    starts_on, ends_on = date.fromisoformat(project["starts_on"]), date.fromisoformat(project["ends_on"])
    assert (ends_on - starts_on).days == 89
    assert starts_on > TARGETS["hr-koprivnica"].closes_on


def test_owners_are_from_a_small_pool() -> None:
    owners = {owner for row in rows() for owner in row.form["applicant"]["owners"]}
    assert owners == {f"Example Holding {number:02d}" for number in range(1, HOLDINGS + 1)}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"country": "FR"}, "unknown-country"),
        ({"total_eligible": ""}, "no-amount"),
        ({"total_eligible": None}, "no-amount"),
        ({"total_eligible": "0"}, "no-amount"),
        ({"total_eligible": "NaN"}, "no-amount"),
        ({"total_eligible": "1.000,00"}, "unreadable-amount"),
        ({"currency": "PLN"}, "wrong-currency"),
        ({"start": "31.02.2015"}, "unreadable-date"),
        ({"end": "soon"}, "unreadable-date"),
    ],
)
def test_unusable_row_is_refused_with_a_code(changed: dict[str, Any], code: str) -> None:
    refusal = to_import_row(RAW | changed, TARGETS)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, bool(refusal.detail)) == (code, True)


def test_row_without_a_call_is_refused() -> None:
    refusal = to_import_row(RAW, {})
    assert isinstance(refusal, Refusal)
    assert refusal.code == "no-call"
