"""How long a case is kept: each class on the last instant of its term and on the first one after it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.applications.domain.ending import ended_case
from services.evaluation.domain.states import classes_of
from shared.kernel.vocabulary import RetentionClass, VoucherOutcome
from shared.policy.schema import Policy
from shared.privacy.retention import Decision, EndedCase, decide, kept_until
from tests.support.policies import BOOK, policy_named

WITH_TERMS = [policy for policy in BOOK.all() if policy.retention]
HERE = policy_named(BOOK, "hr-koprivnica/digital-voucher", date(2026, 12, 1))
ENDED_AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
"""A Monday, eleven o'clock in Zagreb. Appeals: 8 days there, so until the end of 9 March."""


def midnight(year: int, month: int, day: int) -> datetime:
    """The midnight in Zagreb that begins the day."""
    return datetime(year, month, day, tzinfo=UTC) - timedelta(hours=2 if 3 < month < 11 else 1)


def appeals_end(policy: Policy) -> datetime:
    return policy.deadline(policy.appeal, ENDED_AT)


KEPT_UNTIL = {
    RetentionClass.DRAFT: midnight(2027, 5, 31),  # 90 days from 2 March
    RetentionClass.PAID: midnight(2039, 1, 1),  # ten years from 31 December 2028, the year in which the programme ends
}


@pytest.mark.parametrize("kind", RetentionClass)
def test_content_is_kept_to_the_last_instant_of_its_term(kind: RetentionClass) -> None:
    case = EndedCase(kind, ENDED_AT)
    until = kept_until(HERE, case)
    assert until is not None
    assert until == KEPT_UNTIL.get(kind, until)
    assert decide(HERE, case, held=False, now=until - timedelta(days=1)) is Decision.KEEP
    assert decide(HERE, case, held=False, now=until - timedelta(microseconds=1)) is Decision.KEEP
    assert decide(HERE, case, held=False, now=until) is Decision.REMOVE
    assert decide(HERE, case, held=True, now=until) is Decision.HOLD
    assert decide(HERE, case, held=True, now=until - timedelta(microseconds=1)) is Decision.KEEP


@pytest.mark.parametrize("kind", [RetentionClass.REFUSED, RetentionClass.WITHDRAWN])
def test_two_years_count_from_the_last_day_to_appeal(kind: RetentionClass) -> None:
    last_day = appeals_end(HERE) - timedelta(seconds=1)
    until = kept_until(HERE, EndedCase(kind, ENDED_AT))
    assert until is not None
    assert ((until - timedelta(seconds=1)).date(), until > ENDED_AT) == (last_day.date().replace(year=2029), True)


@pytest.mark.parametrize("policy", WITH_TERMS, ids=lambda policy: policy.region)
def test_every_region_keeps_paid_cases_for_ten_years(policy: Policy) -> None:
    until = kept_until(policy, EndedCase(RetentionClass.PAID, ENDED_AT))
    assert until is not None
    assert until.year >= 2038
    assert policy.source_of("retention.paid").startswith("Regulation")


def test_case_ending_after_the_programme_counts_its_own_year() -> None:
    until = kept_until(HERE, EndedCase(RetentionClass.PAID, datetime(2029, 2, 1, tzinfo=UTC)))
    assert until == midnight(2040, 1, 1)


def test_last_instant_of_a_year_counts_as_that_year() -> None:
    """It is still 31 December in Zagreb."""
    until = kept_until(HERE, EndedCase(RetentionClass.PAID, datetime(2029, 12, 31, 22, 59, tzinfo=UTC)))
    assert until == midnight(2040, 1, 1)


@pytest.mark.parametrize("kind", RetentionClass)
def test_policy_without_terms_keeps_without_limit(kind: RetentionClass) -> None:
    policy = next(policy for policy in BOOK.all() if policy.retention is None)
    assert decide(policy, EndedCase(kind, ENDED_AT), held=False, now=datetime(2999, 1, 1, tzinfo=UTC)) is Decision.KEEP


CHANGED, CLOSES, DECIDED, OVER = (ENDED_AT + timedelta(days=days) for days in range(4))
FACTS: dict[str, Any] = {
    "state": "eligible", "submitted": True, "changed_at": CHANGED, "call_closes_at": CLOSES, "decision": None, "decided_at": None,
    "voucher_outcome": None, "voucher_closed_at": None,
}  # fmt: skip
GRANTED = {"decision": "granted", "decided_at": DECIDED, "voucher_closed_at": OVER}
ENDS: list[tuple[dict[str, Any], EndedCase | None]] = [
    ({"state": "draft", "submitted": False}, EndedCase(RetentionClass.DRAFT, CLOSES)),
    ({"state": "withdrawn", "submitted": False}, EndedCase(RetentionClass.DRAFT, CLOSES)),
    ({"state": "withdrawn"}, EndedCase(RetentionClass.WITHDRAWN, CHANGED)),
    ({"state": "ineligible"}, EndedCase(RetentionClass.REFUSED, CHANGED)),
    ({"decision": "refused", "decided_at": DECIDED}, EndedCase(RetentionClass.REFUSED, DECIDED)),
    ({"state": "submitted"}, None),
    ({"state": "returned"}, None),
    ({}, None),
    ({"decision": "reserve", "decided_at": DECIDED}, None),
    ({"decision": "granted", "decided_at": DECIDED}, None),
    *(
        (
            GRANTED | {"voucher_outcome": outcome},
            EndedCase(RetentionClass.WITHDRAWN if outcome in ("declined", "lapsed") else RetentionClass.PAID, OVER),
        )
        for outcome in VoucherOutcome
        if outcome != VoucherOutcome.NOT_FUNDED
    ),
]


@pytest.mark.parametrize(("facts", "expected"), ENDS, ids=[str(facts) for facts, _ in ENDS])
def test_end_of_a_case_follows_from_its_states(facts: dict[str, Any], expected: EndedCase | None) -> None:
    assert ended_case(**FACTS | facts) == expected
    assert expected is None or replace(expected, ended_at=expected.ended_at) == expected


def test_evaluation_knows_how_a_case_may_have_ended() -> None:
    ways = {(withdrawn, outcome): classes_of(withdrawn, outcome) for withdrawn in (False, True) for outcome in (None, "reserve", "refused")}
    assert ways == {
        (False, None): set(), (False, "reserve"): set(), (False, "refused"): {"refused"},
        (True, None): {"withdrawn"}, (True, "reserve"): {"withdrawn"}, (True, "refused"): {"withdrawn", "refused"},
    }  # fmt: skip
    assert classes_of(True, "granted") == classes_of(False, "granted") == {"withdrawn", "paid"}
