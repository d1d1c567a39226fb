"""The schemes of the demonstration: their rules dated back, and applications that get what each type and number gives."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.applications.domain.answers import Setting, check_form
from services.applications.domain.earlier import Earlier
from services.applications.domain.eligibility import assess
from services.applications.domain.form import read_form
from services.applications.domain.submission import check_complete
from shared.policy.call import call_faults, call_files, load_call
from shared.policy.loader import load_book
from simulation.demo.published_operations import TargetCall
from simulation.demo.region import Region
from simulation.demo.result import fruitless
from simulation.demo.scenario import Scenario
from simulation.demo.schemes import DATED, IN_FORCE, SCHEMES, calls_of_schemes, dated_back, rate_of, rows_of
from simulation.demo.snapshot import Snapshot
from tests.support.applications import BOOK, REGIONS

ASKED = {
    "vauceri-za-digitalizaciju-2026-1": [900_000, 900_000, 900_000],
    "bony-na-innowacje-2026-1": [4_500_000, 8_100_000],
    "bony-na-innowacje-2026-2": [4_000_000, 7_200_000],
    "bony-na-innowacje-2026-3": [3_500_000, 6_300_000],
    "mentor-hours-2026-1": [108_000, 108_000, 108_000],
    "smv-digital-2026-1": [2_500_000, 10_000_000, 15_000_000],
    "kmo-portefeuille-2026-1": [300_000, 450_000],
    "design-partnerships-interest-2026-1": [10_000_000] * 3,
    "design-partnerships-2026-1": [10_000_000] * 3,
}
"""Croatia: 60 % of EUR 15,000. Małopolska: 90, 80 and 70 % of at most PLN 50,000 and of PLN 90,000. Denmark: 50 %, at most the grant.
Kortrijk: what 12 hours are worth. Flanders: 30 % for training and 45 % for cybersecurity, of EUR 10,000.
Kolding: 50 % of DKK 200,000, which the expression of interest asks for already."""
RATES = {
    "vauceri-za-digitalizaciju-2026-1": [6_000] * 3,
    "bony-na-innowacje-2026-1": [9_000, 9_000],
    "bony-na-innowacje-2026-2": [8_000, 8_000],
    "bony-na-innowacje-2026-3": [7_000, 7_000],
    "smv-digital-2026-1": [5_000] * 3,
    "kmo-portefeuille-2026-1": [3_000, 4_500],
    "design-partnerships-2026-1": [5_000] * 3,
}
"""In basis points, of what a beneficiary claims or orders: of each call that gives money."""
_UNUSED: Any = None


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dated_back(REGIONS, tmp_path_factory.mktemp("demo") / "regions")


def test_schemes_are_played_by_their_own_rules(regions: Path) -> None:
    book = load_book(regions)
    calls = [load_call(path, book)[0] for path in call_files(regions)]
    asked, rates, firms = {}, {}, set()
    for scheme, call, policy in calls_of_schemes(book, calls):
        assert (list(call_faults(call, policy)), policy.effective_from) == ([], DATED)
        definition = book.form_in_force(call.region, call.scheme, call.opens_at.date())
        rows = rows_of(scheme, TargetCall(policy, definition, call.closes_at.date()), "triptych")
        earlier = Earlier(types=("small",) * (scheme.number - 1))
        for row in rows:
            form, today = read_form(row["form"]), call.opens_at.date()
            check_form(form, definition)
            check_complete(form, definition, Setting(policy, {one.region for one in calls}, today), files=False)
            verdict = assess(policy, form, today, earlier)
            assert (verdict.failed, verdict.amount_minor) == ([], form.costs.requested_minor)
        if policy.benefit is None and policy.expression is None:
            region = Region(call.region, policy, call, _UNUSED, _UNUSED, _UNUSED, rows=rows, scheme_call=scheme.number)
            rates[call.id] = [rate_of(region, row["organisation_id"]) for row in rows]
        asked[call.id] = [row["form"]["costs"]["requested_minor"] for row in rows]
        firms |= {(scheme.firms, row["organisation_id"]) for row in rows}
        assert len({row["row_key"] for row in rows}) == len(rows)
    assert (asked, rates) == (ASKED, RATES)
    assert len(firms) == 3 + 2 + 3 + 3 + 2 + 3, "the firms of a first call apply in the later ones, and in the second step"


def test_schemes_are_not_played_without_their_rules() -> None:
    """A platform that was started by `triptych up` has the regions as they are."""
    calls = [load_call(path, BOOK)[0] for path in call_files(REGIONS)]
    assert list(calls_of_schemes(BOOK, calls)) == []
    assert {BOOK.resolve(one.region, one.scheme, date(2026, 12, 1)).scheme for one in SCHEMES} == {one.scheme for one in SCHEMES}


@pytest.mark.parametrize(
    ("region", "scheme", "done", "fault"),
    [
        ("dk-kolding", "design-partnerships-interest", {"invited": 1}, "nobody was invited"),
        ("be-kortrijk", "mentor-hours", {"vouchers": [{"outcome": "settled"}]}, "nobody came"),
        ("dk-kolding", "smv-digital", {"disbursements": [{"state": "paid"}]}, "nothing was paid"),
    ],
)
def test_each_scheme_has_an_aim_of_its_own(region: str, scheme: str, done: dict[str, Any], fault: str) -> None:
    policy = BOOK.resolve(region, scheme, IN_FORCE)
    played = Scenario(Region(region, policy, _UNUSED, _UNUSED, _UNUSED, _UNUSED))
    assert fruitless(played) == fault
    played.counts.cases["invited"] = done.get("invited", 0)
    played.snapshot = Snapshot(vouchers={str(one): one for one in done.get("vouchers", [])}, disbursements=done.get("disbursements", []))
    assert fruitless(played) is None
