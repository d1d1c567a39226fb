"""Decisions about a voucher: actions, dates, reviews, codes, transitions."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vouchers.domain.actions import final_outcome, may_accept, may_decline, may_resume, may_stop, may_suspend, stage_after_stop
from services.vouchers.domain.code import region_prefix, stored_code, voucher_code
from services.vouchers.domain.review import Due, review
from services.vouchers.domain.stages import TRANSITIONS, Stage, Voucher, status_of
from services.vouchers.domain.terms import answer_by, extended, validity
from shared.kernel.errors import Conflict, Refused
from shared.kernel.ids import check_code
from shared.kernel.vocabulary import VoucherOutcome
from tests.support.policies import BOOK, policy_named

KORTRIJK = policy_named(BOOK, "be-kortrijk/creative-voucher")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)


def offered(**changes: Any) -> Voucher:
    return Voucher(**{"state": Stage.OFFERED, "offered_at": NOW, "answer_by": NOW + 20 * DAY} | changes)


def issued(**changes: Any) -> Voucher:
    dates = validity(KORTRIJK, NOW)
    return Voucher(**{"state": Stage.ISSUED, "valid_until": dates.valid_until, "claim_window_until": dates.claim_window_until} | changes)


@pytest.mark.parametrize("answer", [may_accept, may_decline])
def test_offer_is_answerable_until_its_last_moment(answer: Any) -> None:
    assert answer(offered(), NOW + 20 * DAY - MOMENT)
    with pytest.raises(Conflict) as refusal:
        answer(offered(), NOW + 20 * DAY)
    assert refusal.value.code == "offer-lapsed"


def test_answer_repeated_is_done_and_another_is_refused() -> None:
    accepted = offered(state=Stage.ACCEPTED)
    declined = offered(state=Stage.RELEASING, outcome=VoucherOutcome.DECLINED)
    assert not may_accept(accepted, NOW)
    assert not may_decline(declined, NOW)
    for answer, voucher in ((may_decline, accepted), (may_accept, declined)):
        with pytest.raises(Conflict) as refusal:
            answer(voucher, NOW)
        assert refusal.value.code == "not-offered"


def test_lapsed_offer_is_refused_as_lapsed() -> None:
    with pytest.raises(Conflict) as refusal:
        may_accept(offered(state=Stage.CLOSED, outcome=VoucherOutcome.LAPSED), NOW)
    assert refusal.value.code == "offer-lapsed"


@pytest.mark.parametrize("how", [VoucherOutcome.WITHDRAWN, VoucherOutcome.REVOKED])
def test_voucher_can_be_stopped_from_offer_to_settlement(how: VoucherOutcome) -> None:
    for stage in (Stage.OFFERED, Stage.ACCEPTED, Stage.ISSUED, Stage.CLAIMING, Stage.SETTLING):
        assert may_stop(Voucher(state=stage), how)
    assert not may_stop(Voucher(state=Stage.CLOSED, outcome=how), how)
    for voucher in (
        Voucher(state=Stage.REQUESTED),
        Voucher(state=Stage.CLOSED, outcome=VoucherOutcome.SETTLED),
        Voucher(state=Stage.SETTLING, settled_at=NOW),
        Voucher(state=Stage.RELEASING, outcome=VoucherOutcome.DECLINED),
    ):
        with pytest.raises(Conflict):
            may_stop(voucher, how)


def test_stop_before_issue_releases_and_after_it_settles() -> None:
    assert {stage: stage_after_stop(Voucher(state=stage)) for stage in (Stage.OFFERED, Stage.ACCEPTED, Stage.ISSUED, Stage.CLAIMING)} == {
        Stage.OFFERED: Stage.RELEASING,
        Stage.ACCEPTED: Stage.RELEASING,
        Stage.ISSUED: Stage.SETTLING,
        Stage.CLAIMING: Stage.SETTLING,
    }


def test_every_stage_is_reached_and_only_closed_is_final() -> None:
    assert set(TRANSITIONS) == set(Stage)
    reached = {Stage.REQUESTED}
    for _ in Stage:
        reached |= frozenset().union(*(TRANSITIONS[stage] for stage in reached))
    assert reached == set(Stage)
    assert [stage for stage, following in TRANSITIONS.items() if not following] == [Stage.CLOSED]


@pytest.mark.parametrize("stage", [Stage.ISSUED, Stage.CLAIMING, Stage.SETTLING])
def test_voucher_is_suspended_and_resumed_while_payable(stage: Stage) -> None:
    assert may_suspend(issued(state=stage))
    assert not may_suspend(issued(state=stage, suspended_at=NOW))
    assert may_resume(issued(state=stage, suspended_at=NOW))
    assert not may_resume(issued(state=stage))


@pytest.mark.parametrize(
    "changes",
    [{"state": Stage.OFFERED}, {"state": Stage.SETTLING, "outcome": VoucherOutcome.REVOKED}, {"state": Stage.SETTLING, "settled_at": NOW}],
)
def test_voucher_that_is_not_payable_cannot_be_suspended(changes: dict[str, Any]) -> None:
    for may in (may_suspend, may_resume):
        with pytest.raises(Conflict):
            may(issued(**changes, suspended_at=NOW))


def test_suspended_voucher_waits_for_an_officer() -> None:
    assert status_of(Stage.ISSUED, NOW, suspended=True, overdue_since=None).model_dump() == {
        "stage": Stage.ISSUED,
        "acts_next": "officer",
        "until": NOW,
        "suspended": True,
        "overdue_since": None,
    }
    assert status_of(Stage.SETTLING, None, suspended=True, overdue_since=None).acts_next == "officer"
    assert status_of(Stage.CLOSED, None, suspended=True, overdue_since=None).acts_next == "nobody"


@pytest.mark.parametrize(
    ("stage", "due"),
    [
        *((stage, datetime(2026, 3, 16, 23, tzinfo=UTC)) for stage in (Stage.REQUESTED, Stage.ACCEPTED, Stage.RELEASING)),
        (Stage.SETTLING, datetime(2026, 4, 16, 22, tzinfo=UTC)),  # 20 working days to check, 14 days to pay, 3 for the bank
    ],
)
def test_overdue_reply_of_payments_is_due_once(stage: Stage, due: datetime) -> None:
    waiting = Voucher(state=stage, state_since=NOW)
    assert review(waiting, KORTRIJK, due - MOMENT).until == due
    assert review(waiting, KORTRIJK, due).due is Due.OVERDUE
    assert review(waiting.model_copy(update={"overdue_since": due}), KORTRIJK, due + DAY).until is None
    assert status_of(stage, None, suspended=False, overdue_since=due).acts_next == "payments"


def test_recorded_settlement_is_not_awaited() -> None:
    assert review(Voucher(state=Stage.SETTLING, state_since=NOW, settled_at=NOW), KORTRIJK, NOW + 900 * DAY).due is None


def test_final_outcome_depends_on_claims_and_decisions() -> None:
    assert final_outcome(issued()) is VoucherOutcome.EXPIRED
    assert final_outcome(issued(claimed_at=NOW)) is VoucherOutcome.SETTLED
    assert final_outcome(issued(outcome=VoucherOutcome.REVOKED)) is VoucherOutcome.REVOKED


def test_reminders_come_once_and_missed_ones_together() -> None:
    end = NOW + 20 * DAY
    assert review(offered(), KORTRIJK, NOW).until == end - 7 * DAY
    first = review(offered(), KORTRIJK, end - 7 * DAY)
    assert (first.due, first.at) == (Due.REMINDER, end - 7 * DAY)
    assert review(offered(reminded_until=end - 7 * DAY), KORTRIJK, end - 7 * DAY).until == end - 2 * DAY
    assert review(offered(), KORTRIJK, end - DAY).at == end - 2 * DAY
    assert review(offered(reminded_until=end - 2 * DAY), KORTRIJK, end - DAY).until == end


@pytest.mark.parametrize("end", ["2026-04-01", "2026-10-27"])
def test_reminder_comes_with_a_whole_day_over_a_change_of_clocks(end: str) -> None:
    """An offer that ends with the day before is reminded of at midnight, not an hour before it, on another day."""
    zone = ZoneInfo(KORTRIJK.zone)
    ends, [first, *_] = datetime.fromisoformat(end).replace(tzinfo=zone), KORTRIJK.offer.reminders_before_days
    voucher = offered(answer_by=ends, offered_at=ends - 20 * DAY)
    found = review(voucher, KORTRIJK, ends - 20 * DAY).until
    assert found == datetime.fromisoformat(end).replace(tzinfo=zone) - timedelta(days=first)  # on the clocks of the zone
    assert found is not None
    assert found.astimezone(zone).hour == 0


def test_reminder_before_the_offer_is_left_out() -> None:
    assert review(offered(answer_by=NOW + 5 * DAY), KORTRIJK, NOW).until == NOW + 3 * DAY


@pytest.mark.parametrize(
    ("voucher", "due"),
    [
        (offered(reminded_until=NOW + 20 * DAY), Due.LAPSE),
        (issued(), Due.END_OF_VALIDITY),
        (issued(state=Stage.CLAIMING), Due.END_OF_CLAIM_WINDOW),
    ],
)
def test_stage_ends_at_its_instant_and_not_before(voucher: Voucher, due: Due) -> None:
    end = {Stage.OFFERED: voucher.answer_by, Stage.ISSUED: voucher.valid_until, Stage.CLAIMING: voucher.claim_window_until}[voucher.state]
    assert end is not None
    assert review(voucher, KORTRIJK, end - MOMENT).due is None
    assert review(voucher, KORTRIJK, end).due is due


def test_dates_are_ends_of_days_in_the_region() -> None:
    assert answer_by(KORTRIJK, NOW) == datetime(2026, 3, 23, 23, tzinfo=UTC)
    dates = validity(KORTRIJK, NOW)
    assert dates.valid_until == datetime(2026, 9, 2, 22, tzinfo=UTC)
    assert dates.claim_window_until == datetime(2026, 10, 2, 22, tzinfo=UTC)


def test_extension_lasts_to_the_end_of_the_day() -> None:
    dates = extended(KORTRIJK, issued(), datetime(2026, 11, 30, 9, tzinfo=UTC), NOW)
    assert dates.valid_until == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert dates.claim_window_until == datetime(2026, 12, 30, 23, tzinfo=UTC)
    assert extended(KORTRIJK, issued(), dates.valid_until, NOW) == dates


def test_extension_outside_the_policy_is_refused() -> None:
    end = validity(KORTRIJK, NOW).valid_until
    longest = datetime(2026, 12, 2, 23, tzinfo=UTC)  # three months after the last day, 2 September
    assert extended(KORTRIJK, issued(), longest, NOW).valid_until == longest
    refusals = {
        "extension-too-long": (issued(), longest + DAY, NOW),
        "date-not-later": (issued(), end, NOW),
        "extensions-used-up": (issued(extensions=1), longest, NOW),
        "not-valid": (issued(), longest, end),
    }
    for code, (voucher, until, now) in refusals.items():
        with pytest.raises(Refused) as refusal:
            extended(KORTRIJK, voucher, until, now)
        assert refusal.value.code == code


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 6, 29), timezones=st.just(UTC)))  # noqa: DTZ001 (bounds are naive by rule)
def test_no_date_is_after_the_programme(now: datetime) -> None:
    for policy in BOOK.all():
        dates = validity(policy, now)
        assert now < dates.valid_until <= dates.claim_window_until <= policy.programme_end_at
        voucher = Voucher(state=Stage.ISSUED, valid_until=dates.valid_until, claim_window_until=dates.claim_window_until)
        if policy.extension.max_count == 0:
            continue
        try:
            later = extended(policy, voucher, dates.valid_until + 30 * DAY, now)
        except Refused:
            assert dates.valid_until + 30 * DAY > policy.programme_end_at
        else:
            assert later.claim_window_until <= policy.programme_end_at


@given(st.uuids())
def test_code_has_the_region_and_a_check_character(voucher_id: UUID) -> None:
    code = voucher_code(voucher_id, "be-kortrijk")
    assert code == voucher_code(voucher_id, "be-kortrijk")
    assert code.startswith("KRT-")
    assert check_code(code)
    assert code != voucher_code(voucher_id, "be-kortrijk", 1)
    assert stored_code(f" {code.lower()} ") == code


def test_regions_have_different_code_prefixes() -> None:
    prefixes = {policy.region: region_prefix(policy.region) for policy in BOOK.all()}
    assert len(set(prefixes.values())) == len(prefixes) == 5


def test_wrong_letter_in_a_code_is_refused() -> None:
    code = voucher_code(UUID(int=1), "be-kortrijk")
    wrong = code.replace(code[5], "Z" if code[5] != "Z" else "Y", 1)
    for text in (wrong, "KRT", "", "KRT-", "KRT-ÄÖÜ?-1"):
        with pytest.raises(Refused):
            stored_code(text)
