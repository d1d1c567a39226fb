"""Figures of an applicant that cannot be right. Each case is a row of "Applicants and their figures", met by people of the field."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.applications.domain.answers import Setting
from services.applications.domain.correction import check_correction, mendable
from services.applications.domain.duplicates import Known, is_same_project
from services.applications.domain.eligibility import assess, facts_of
from services.applications.domain.figures import figures_at_odds, refusal_of
from services.applications.domain.form import Form, dump_form, read_form
from services.applications.domain.neighbours import Likeness, likenesses, signs_of
from services.applications.domain.submission import check_complete
from shared.kernel.errors import Refused
from simulation.sample_answers import with_own_answers
from tests.support.applications import BOOK, form_with

TODAY = date(2026, 12, 20)
POLICY = BOOK.resolve("hr-koprivnica", "digital-voucher", TODAY)
FORM = BOOK.form_in_force("hr-koprivnica", "digital-voucher", TODAY)
SETTING = Setting(POLICY, {policy.region for policy in BOOK.all()}, TODAY)
TIME = {"project__starts_on": "2027-02-01", "project__ends_on": "2027-06-30"}


def form(**answers: Any) -> Form:
    parts = with_own_answers(form_with(**TIME), FORM)
    for path, value in answers.items():
        part, _, name = path.partition("__")
        parts[part] = {**parts[part], name: value}
    return read_form(parts)


def said(given: Form) -> list[tuple[str, str, tuple[str | int, ...]]]:
    return [(one.question, one.kind, one.inside) for one in figures_at_odds(given, FORM, SETTING)]


RELATED = {"share_bp": 6000, "staff_hundredths": 100, "turnover_minor": 0, "balance_minor": 0}


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"applicant__tax_number": "00000000000"}, ("applicant.tax_number", "tax_number_wrong", ())),
        ({"applicant__country": "PL"}, ("applicant.tax_number", "tax_number_wrong", ())),
        ({"firm__related": [RELATED, RELATED | {"country": "GR", "tax_number": "12345"}]},
         ("firm.related", "tax_number_wrong", (1, "tax_number"))),
        ({"applicant__activity_code": "58.12"}, ("applicant.activity_revision", "nace_revision_needed", ())),
        ({"applicant__activity_code": "73.30", "applicant__activity_revision": "rev-2"},
         ("applicant.activity_code", "nace_other_revision", ())),
        ({"project__starts_on": "2019-01-01", "project__ends_on": "2019-06-30"}, ("project.ends_on", "project_over", ())),
        ({"costs__requested_minor": 200_000}, ("costs.own_contribution_minor", "cost_uncovered", ())),
        ({"costs__other_public_minor": 1}, ("costs.own_contribution_minor", "cost_exceeded", ())),
        ({"firm__exempt_holders": [{"kind": "university", "share_bp": 3000}, {"kind": "venture-capital", "share_bp": 2001}]},
         ("firm.exempt_holders", "holders_linked", ())),
        ({"firm__exempt_holders": [{"kind": "university", "share_bp": 3000}], "firm__public_control_bp": 7001},
         ("firm.exempt_holders", "shares_above_whole", ())),
    ],
)  # fmt: skip
def test_figure_that_cannot_be_right_is_refused_at_its_field(
    answers: dict[str, Any], fault: tuple[str, str, tuple[str | int, ...]]
) -> None:
    given = form(**answers)
    assert said(given) == [fault]
    [found] = figures_at_odds(given, FORM, SETTING)
    refusal = refusal_of(found)
    assert refusal is not None
    assert refusal.field == ".".join(map(str, (fault[0], *fault[2])))
    assert refusal.code == fault[1].replace("_", "-")
    with pytest.raises(Refused):
        check_complete(given, FORM, SETTING, files=False)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"applicant__tax_number": "HR 12345678903"},
        {"applicant__activity_code": "58.12", "applicant__activity_revision": "rev-2-1"},
        {"applicant__activity_code": "70.21", "applicant__activity_revision": "rev-2"},
        {"project__starts_on": "2026-11-01", "project__ends_on": "2026-12-20"},
        {"costs__requested_minor": 200_000, "costs__other_public_minor": 600_000},
        {"firm__exempt_holders": [{"kind": "university", "share_bp": 3000}]},
        {"firm__related": [RELATED | {"country": "US", "tax_number": "12-3456789"}, RELATED | {"tax_number": "BE0403170701"}]},
    ],
)
def test_figure_that_can_be_right_is_taken(answers: dict[str, Any]) -> None:
    given = form(**answers)
    assert said(given) == []
    check_complete(given, FORM, SETTING, files=False)


def test_uncovered_cost_names_the_gap() -> None:
    """Cost 10,000, asked 2,000, own 2,000: 6,000 that nobody pays."""
    [fault] = figures_at_odds(form(costs__requested_minor=200_000), FORM, SETTING)
    refusal = refusal_of(fault)
    assert refusal is not None
    assert "6000.00 EUR of the total cost is not covered" in refusal.detail


def test_project_is_over_by_the_day_it_was_applied_for() -> None:
    """Regulation (EU) 2021/1060, Article 63(6): a correction later than the project changes nothing."""
    given = form(project__starts_on="2026-11-01", project__ends_on="2026-12-10")
    assert [one[1] for one in said(given)] == ["project_over"]
    before = Setting(POLICY, SETTING.regions, TODAY, applied_on=date(2026, 12, 1))
    assert figures_at_odds(given, FORM, before) == []


@pytest.mark.parametrize(
    ("answers", "failed"),
    [
        ({"firm__exempt_holders": [{"kind": "university", "share_bp": 3000}]}, []),  # 30 % held by a public university: an SME
        ({"firm__public_control_bp": 3000}, ["sme-independent"]),
        ({"firm__staff_hundredths": 950}, []),
        ({"firm__staff_hundredths": 24_999}, []),
        ({"firm__staff_hundredths": 25_000}, ["sme-size"]),
        ({"applicant__activity_code": "70.21"}, []),  # Rev. 2 of what is 73.30 in Rev. 2.1
        ({"applicant__activity_code": "73.30"}, []),
        ({"applicant__activity_code": "70.22"}, ["activity"]),
        ({"applicant__activity_code": "63.91", "applicant__activity_revision": "rev-2"}, []),
    ],
)
def test_rules_read_what_was_asked_apart(answers: dict[str, Any], failed: list[str]) -> None:
    assert assess(POLICY, form(**answers), TODAY).failed == failed


def test_work_units_count_to_the_hundredth() -> None:
    partner = {"share_bp": 2500, "staff_hundredths": 101, "turnover_minor": 0, "balance_minor": 0}
    facts = facts_of(POLICY, form(firm__staff_hundredths=950, firm__related=[partner]), TODAY)
    assert facts["staff"] == 9  # 9.76


def test_codes_are_read_as_people_write_them() -> None:
    given = read_form({"applicant": {"country": "el", "nuts": "GR522", "activity_code": "62.01.Z"}}).applicant
    assert (given.country, given.nuts, given.activity_code) == ("GR", "EL522", "62.01")


def test_old_form_has_no_new_answers() -> None:
    """A submitted form keeps its digest: what later forms ask is not in it."""
    stored = dump_form(read_form(form_with()))
    assert stored["firm"].keys() == {"staff", "turnover_minor", "balance_minor", "public_control_bp", "related"}
    old = BOOK.form(None)
    assert figures_at_odds(read_form(form_with(costs__requested_minor=1)), old, SETTING)[0].kind == "project_over"


BEFORE = Known("A digital catalogue", 500_000, date(2027, 1, 1), date(2027, 6, 30))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({}, True),
        ({"requested_minor": 499_999}, True),
        ({"requested_minor": 500_001, "title": "A digital catalog"}, True),
        ({"ends_on": date(2027, 6, 29)}, True),
        ({"requested_minor": 300_000}, False),
        ({"starts_on": date(2027, 7, 1), "ends_on": date(2027, 12, 1)}, False),
        ({"title": "Another work"}, False),
        ({"decision": "refused"}, False),
        ({"decision": "granted", "voucher_outcome": "lapsed"}, False),
        ({"decision": "granted", "voucher_outcome": "declined"}, False),
        ({"decision": "granted", "voucher_outcome": "revoked"}, True),
        ({"decision": "granted", "voucher_outcome": "settled"}, True),
    ],
)
def test_same_project_is_one_of_a_cent_less_and_may_come_again(other: dict[str, Any], same: bool) -> None:
    values = {name: getattr(BEFORE, name) for name in Known.__slots__}
    assert is_same_project(BEFORE, [Known(**{**values, **other})]) is same


def test_same_address_is_seen_however_the_street_is_typed() -> None:
    """Row "one key" of addresses; officers compare applications of a call by it."""
    places = ("ul. Przykładowa 5", "Przykladowa 5"), ("Ulica Przykładowa 5", "PRZYKŁADOWA 5")
    for one, other in places:
        first, second = (
            signs_of(UUID(int=number), {"applicant": {"street": street, "postcode": "31-147", "town": "Kraków", "country": "PL"}})
            for number, street in enumerate((one, other))
        )
        assert likenesses(first, second) == [Likeness.SAME_ADDRESS]


POLISH = {"applicant__country": "PL", "applicant__nuts": "PL213", "applicant__tax_number": "5260001246"}


@pytest.mark.parametrize(
    ("field", "answers", "taken"),
    [
        ("applicant.country", POLISH, True),
        ("applicant.tax_number", POLISH, True),
        ("applicant.nuts", POLISH, False),
        ("applicant.activity_revision", {"applicant__activity_code": "58.12", "applicant__activity_revision": "rev-2-1"}, True),
        ("project.ends_on", {"project__starts_on": "2027-01-01", "project__ends_on": "2027-01-31"}, True),
        ("firm.public_control_bp", {"firm__public_control_bp": 2000, "firm__exempt_holders": []}, True),
        ("firm.staff_hundredths", {"firm__staff_hundredths": 100, "firm__turnover_minor": 5}, False),
    ],
)
def test_answer_that_has_to_agree_is_corrected_too(field: str, answers: dict[str, Any], taken: bool) -> None:
    """The kind of "returned for the total cost alone": what would contradict the corrected answer may be corrected with it."""
    if taken:
        check_correction(form(), form(**answers), [field], FORM)
    else:
        with pytest.raises(Refused, match="returned only for"):
            check_correction(form(), form(**answers), [field], FORM)


@pytest.mark.parametrize(
    ("answers", "taken"),
    [
        ({"costs__total_cost_minor": 900_000, "costs__requested_minor": 720_000, "costs__own_contribution_minor": 180_000}, True),
        ({"costs__total_cost_minor": 900_000, "costs__other_public_minor": 1}, True),
        ({"costs__total_cost_minor": 1_100_000, "costs__requested_minor": 800_001}, False),
        ({"costs__total_cost_minor": 900_000, "project__title": "Another"}, False),
        ({"costs__requested_minor": 700_000}, False),
    ],
)
def test_what_follows_from_a_correction_may_be_corrected(answers: dict[str, Any], taken: bool) -> None:
    """Returned for the total cost alone; a lower total needs a lower request."""
    if not taken:
        with pytest.raises(Refused, match="returned only for"):
            check_correction(form(), form(**answers), ["costs.total_cost_minor"], FORM)
        return
    check_correction(form(), form(**answers), ["costs.total_cost_minor"], FORM)


def test_table_and_its_sum_are_corrected_together() -> None:
    kortrijk = BOOK.form_in_force("be-kortrijk", "creative-voucher", TODAY)
    assert {"extra.budget", "costs.requested_minor"} <= mendable(["costs.total_cost_minor"], kortrijk)
    assert {"costs.total_cost_minor", "costs.own_contribution_minor"} <= mendable(["extra.budget"], kortrijk)
    assert mendable(["project.summary"], kortrijk) == {"project.summary"}
