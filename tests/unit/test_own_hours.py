"""Own share in hours: what they come to, how many count, and when they are refused. The figures are those of SMV:Digital."""

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from services.applications.domain.costs import Excess, cost_sums
from services.applications.domain.eligibility import assess
from services.applications.domain.form import read_form
from services.payments.domain.claim_documents import Given, check_of_hours
from services.payments.domain.claim_hours import Hours, check_hours, check_hours_fit
from services.payments.domain.claim_lines import Document, Line, compute, eligible_of, evidence_of, gaps
from services.payments.domain.expenditure_window import Days, ExpenditureWindow
from shared.kernel.errors import Conflict, Refused
from shared.kernel.ids import new_id
from shared.policy.loader import LoadError, load_policy
from shared.policy.own_share import OwnHours
from shared.policy.schema import Policy
from tests.support.applications import BOOK, REGIONS, form_with

DAY, NOW = date(2026, 12, 14), datetime(2027, 3, 1, 12, tzinfo=UTC)
SMV = BOOK.resolve("dk-kolding", "smv-digital", DAY)
CASH_ONLY = BOOK.resolve("dk-kolding", "growth-voucher", DAY)
HOURS = Hours("Designer", date(2027, 2, 1), date(2027, 2, 26), 20_000)
INVOICE = Line(1, "INV-1", date(2027, 2, 1), 10_000_000, 0, False, "DKK", 10_000_000, "2:a", date(2027, 2, 1), date(2027, 2, 2))


def hours_line(minor: int, number: int = 2, **changed: Any) -> Line:
    line = Line(number, "", HOURS.worked_to, minor, 0, False, "DKK", minor, "", hours=HOURS)
    return replace(line, **changed)


def with_share(share_bp: int) -> Policy:
    assert SMV.own_hours is not None
    return SMV.model_copy(update={"own_hours": SMV.own_hours.model_copy(update={"most_share_bp": share_bp})})


@pytest.mark.parametrize(
    ("policy", "lines", "counted", "eligible", "paid", "own"),
    [
        # Half of the project is the firm's: hours up to the invoices count, and the aid is never above what was paid for.
        (SMV, [INVOICE], 0, 10_000_000, 5_000_000, 5_000_000),
        (SMV, [INVOICE, hours_line(4_000_000)], 4_000_000, 14_000_000, 7_000_000, 7_000_000),
        (SMV, [INVOICE, hours_line(10_000_000)], 10_000_000, 20_000_000, 10_000_000, 10_000_000),
        (SMV, [INVOICE, hours_line(12_000_000)], 10_000_000, 20_000_000, 10_000_000, 10_000_000),
        (SMV, [hours_line(4_000_000)], 0, 0, 0, 0),
        (SMV, [INVOICE, hours_line(8_000_000, cut_minor=3_000_000)], 5_000_000, 15_000_000, 7_500_000, 7_500_000),
        (SMV, [replace(INVOICE, cut_minor=8_000_000), hours_line(8_000_000)], 2_000_000, 4_000_000, 2_000_000, 2_000_000),
        (SMV, [INVOICE, hours_line(3_000_000), hours_line(3_000_000, 3)], 6_000_000, 16_000_000, 8_000_000, 8_000_000),
        (with_share(5_000), [INVOICE, hours_line(10_000_000)], 3_333_333, 13_333_333, 6_666_666, 6_666_667),
        (CASH_ONLY, [INVOICE, hours_line(4_000_000)], 0, 10_000_000, 5_000_000, 5_000_000),
    ],
)
def test_hours_count_up_to_the_own_share(policy: Policy, lines: list[Line], counted: int, eligible: int, paid: int, own: int) -> None:
    terms = {"intensity_bp": 5_000, "largest_minor": 25_000_000}
    sums = compute(lines, policy, 25_000_000, 0, terms)
    assert (sums.counted_hours_minor, sums.eligible_minor, sums.paid_minor, sums.own_minor) == (counted, eligible, paid, own)
    assert eligible_of(lines, policy, terms).minor == eligible
    money = sum(line.claimed_minor - line.cut_minor for line in lines if line.hours is None)
    assert sums.paid_minor <= money
    assert sums.counted_hours_minor <= sums.own_minor


@pytest.mark.parametrize("intensity_bp", [1, 3_000, 5_000, 8_500, 9_999, 10_000])
@pytest.mark.parametrize("money", [0, 1, 99, 10_001, 10**11])
def test_aid_is_never_above_what_was_paid_in_money(intensity_bp: int, money: int) -> None:
    """Source: Regulation (EU) 2021/1060, Article 67(1)."""
    rules = OwnHours(rate_minor=1, most_share_bp=10_000, most_a_day_hundredths=800)
    counted = rules.most_beside(money, intensity_bp)
    assert (money + counted) * intensity_bp // 10_000 <= money
    assert (money + counted + 1) * (10_000 - intensity_bp) < (counted + 1) * 10_000, "one more would be above the own share"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        ({"hundredths": 31_200}, None),  # 26 days of 12 hours
        ({"hundredths": 31_201}, "hours-above-days"),
        ({"worked_from": date(2027, 2, 27)}, "hours-end-before-begin"),
        ({"worked_to": date(2027, 3, 2)}, "evidence-in-future"),
        ({"worked_from": date(2026, 11, 30)}, "evidence-too-old"),
        ({"worked_from": date(2026, 12, 15)}, "before-expenditure"),
        ({"worked_to": date(2027, 3, 1), "hundredths": 100}, "after-expenditure"),
    ],
)
def test_hours_of_a_line(changed: dict[str, Any], code: str | None) -> None:
    valid = Days(date(2027, 1, 1), date(2027, 2, 28))
    window = ExpenditureWindow(valid, valid, valid)
    hours, opens_at = replace(HOURS, **changed), datetime(2026, 12, 1, 9, tzinfo=UTC)
    if code is None:
        assert check_hours(hours, SMV, opens_at, NOW, window) == hours.hundredths * 400  # DKK 400 an hour
        return
    with pytest.raises(Refused) as refused:
        check_hours(hours, SMV, opens_at, NOW, window)
    assert refused.value.code == code


def test_hours_are_refused_where_the_own_share_is_money() -> None:
    with pytest.raises(Refused) as refused:
        check_hours(HOURS, CASH_ONLY, None, NOW, None)
    assert refused.value.code == "hours-not-taken"


def test_same_hours_stand_once() -> None:
    check_hours_fit(HOURS, [replace(HOURS, function="Owner"), replace(HOURS, worked_to=date(2027, 2, 25))])
    with pytest.raises(Conflict) as refused:
        check_hours_fit(HOURS, [replace(HOURS, function=" designer ")])
    assert refused.value.code == "hours-repeated"


def test_timesheet_is_needed_and_proves_the_hours_once() -> None:
    line, sheet = hours_line(4_000_000), Document(2, new_id(), "timesheet", "a" * 64)
    assert gaps([line], [], True, SMV)[0].refusal.code == "timesheet-missing"
    assert "timesheet-missing" not in [gap.refusal.code for gap in gaps([line], [sheet], True, SMV)]
    [proof] = evidence_of([line], [sheet], "DKK")
    assert (proof.amount_minor, proof.issued_on, proof.reference, proof.issuer_hash) == (4_000_000, HOURS.worked_to, "", None)
    given = Given(new_id(), "timesheet", "a" * 64, 1)
    check_of_hours(given, [replace(given, line_id=new_id())])
    for new, present, kind in ((replace(given, kind="invoice"), [], Refused), (given, [given], Conflict)):
        with pytest.raises(kind):
            check_of_hours(new, present)


@pytest.mark.parametrize(
    ("hundredths", "cost", "asked", "own", "failed", "above"),
    [
        (None, 20_000_000, 10_000_000, 10_000_000, [], None),
        (25_000, 20_000_000, 10_000_000, 10_000_000, [], None),  # DKK 100,000: all of the own contribution
        (25_001, 20_000_000, 10_000_000, 10_000_000, ["own-hours"], 400),
        (25_000, 19_000_000, 9_500_000, 9_500_000, ["own-hours"], 500_000),
    ],
)
def test_hours_are_declared_in_the_application(
    hundredths: int | None, cost: int, asked: int, own: int, failed: list[str], above: int | None
) -> None:
    form = form_with(
        applicant__country="DK", applicant__nuts="DK032", costs__currency="DKK", costs__total_cost_minor=cost, firm__staff=5,
        costs__requested_minor=asked, costs__own_contribution_minor=own, firm__turnover_minor=300_000_000,
    )  # fmt: skip
    form["de_minimis"] |= {"sectors": ["none"], "purposes": ["none"]}
    form["extra"] = {"voucher-type": "grant-100"} | ({} if hundredths is None else {"own-hours": hundredths})
    assert assess(SMV, read_form(form), DAY).failed == failed
    sums = cost_sums(SMV, read_form(form), BOOK.form_in_force("dk-kolding", "smv-digital", DAY))
    assert (sums.own_hours_minor, sums.excesses.get(Excess.HOURS_ABOVE_OWN)) == ((hundredths or 0) * 400, above)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("own_hours_minor", "requested_minor", "own_hours: no eligibility rule names own_hours_minor"),
        ("most_a_day_hundredths = 1_200", "most_a_day_hundredths = 2_401", "most_a_day_hundredths"),
    ],
)  # fmt: skip
def test_file_whose_hours_have_no_rule_is_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    shutil.copytree(REGIONS / "dk-kolding/smv-digital", tmp_path / "dk-kolding/smv-digital")
    path = tmp_path / "dk-kolding/smv-digital/2026-12-01.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(LoadError, match=fault):
        load_policy(path)
