"""The steps of a case are in order and in words, whatever was read of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from portal.applicant.timeline import Case, steps_of
from portal.client.applications import ApplicationDetail, BenefitView, FormVersionView
from portal.client.evaluation import ResultView
from portal.client.payments import BankReasonView, ClaimView, OwnPaymentView

ID, START = UUID(int=1), datetime(2026, 1, 5, 9, tzinfo=UTC)
ZONE = "Europe/Zagreb"


def after(days: int) -> datetime:
    return START + timedelta(days=days)


def application(**changed: Any) -> ApplicationDetail:
    known = {"id": ID, "created_at": START, "changed_at": after(9), "state": "eligible", "receipt": "KPR-1", "failed_rules": []}
    return ApplicationDetail.model_construct(**{**known, "screened_at": after(2), **changed})


def decision(*outcomes: str, rules: tuple[str, ...] = ()) -> ResultView:
    decided = [
        {
            "number": number, "outcome": outcome, "rules": list(rules), "award_id": None, "grant_number": None, "amount_minor": 500_000,
            "released_minor": 0, "not_funded": False, "decided_at": after(2 + number), "superseded_at": None,
        }
        for number, outcome in enumerate(outcomes, 1)
    ]  # fmt: skip
    about = {"application_id": ID, "call_id": ID, "region": "hr-koprivnica", "currency": "EUR", "selection_method": "ranking"}
    points = {"rank": 3, "total_hundredths": 8_050, "threshold_hundredths": 6_000, "failed_rules": [], "criteria": []}
    points |= {"cut_off_hundredths": 8_200, "missing_hundredths": 150, "amount_minor": 800_000}
    listed = {"listed_as": None, "listed_at": None, "decisions_issued": False, "may_appeal": False, "appeal": None}
    listed["appeal_until"] = after(2)
    return ResultView.model_validate({**about, **points, **listed, "decisions": decided, "reserve_list_ends_at": after(60)})


SENT = FormVersionView(revision=1, sequence=1, submitted_at=after(1), changed=[])


def test_each_decision_stands_with_its_reason() -> None:
    steps = steps_of(Case(application(), [SENT], decision("reserve", "refused", rules=("reserve-list-ended",))), ZONE, "en")
    assert [step.title for step in steps] == [
        "The application was begun", "The application was sent", "The region found that it keeps the rules", "It is on the reserve list",
        "It was not granted",
    ]  # fmt: skip
    assert steps[-1].rules == ("reserve-list-ended",)
    assert [step.result for step in steps] == [False, False, False, False, True]
    assert "Friday 6 March 2026" in " ".join(steps[3].words)
    assert "It is 1.5 points short of the last one that was granted, which has 82." in steps[4].words
    assert any(words.startswith("The list was open to appeals until") for words in steps[4].words), "the remedy"


def test_part_of_an_award_may_be_declined() -> None:
    [granted] = [step for step in steps_of(Case(application(), [SENT], decision("granted")), ZONE, "en") if step.result]
    assert any("It is a part of the €8,000" in words and "You may decline the offer" in words for words in granted.words)


def test_grant_of_hours_is_said_in_hours() -> None:
    hours = BenefitView(kind="mentor-hours", unit="minutes", units_per_award=720, units=7_200)
    case = Case(application(), [SENT], decision("granted"), benefit=hours)
    [granted] = [step for step in steps_of(case, ZONE, "en") if step.result]
    assert granted.title == "A voucher of 12 hours was granted"


def test_ineligible_application_names_its_rules() -> None:
    steps = steps_of(Case(application(state="ineligible", failed_rules=["place"]), [SENT], None), ZONE, "en")
    assert steps[-1].rules == ("place",)


@pytest.mark.parametrize(
    ("changed", "title"),
    [
        ({"state": "paid", "paid_on": after(30).date()}, "€5,000 were paid"),
        ({"state": "returned", "paid_on": after(30).date(), "returned_on": after(33).date()}, "€5,000 came back from the bank"),
        ({"state": "rejected"}, "The bank did not pay €5,000"),
    ],
)
def test_payment_that_did_not_arrive_says_why(changed: dict[str, Any], title: str) -> None:
    claim = ClaimView.model_construct(
        requested_minor=500_000, granted_minor=None, currency="EUR", lodged_at=after(20), check_by=after(40), decided_at=after(25),
        state="accepted", rules=[], note=None,
    )  # fmt: skip
    reason = (
        None if changed["state"] == "paid" else BankReasonView(code="AC04", meaning="The account is closed.", remedy="Give another one.")
    )
    known = {"voucher_id": ID, "amount_minor": 500_000, "currency": "EUR", "prepared_at": after(26), "paid_on": None, "returned_on": None}
    payment = OwnPaymentView.model_construct(**{**known, "reason": reason, **changed})
    case = Case(application(), [SENT], decision("granted"), claims=[claim], payments=[payment])
    last = steps_of(case, ZONE, "en")[-1]
    assert last.title == title
    assert last.words == (("The account is closed.", "Give another one.") if reason else ())
