"""The simulated bank's decisions: shares, dates and repeated attempts."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from simulation.bank.behaviour import Behaviour, Kind, Shares, decide, of_a_batch, plan_transfer

RECEIVED = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
TOMORROW = date(2026, 3, 3)


def kinds(*, repeated: bool) -> Counter[Kind]:
    return Counter(decide("seed", f"e{i}", f"i{i}", Shares(), repeated=repeated).kind for i in range(10_000))


def test_shares_are_kept_and_every_kind_occurs() -> None:
    counted = kinds(repeated=False)
    expected = {**Shares().by_kind, Kind.ACCEPTED: 85}
    assert counted.keys() == expected.keys()
    assert all(abs(counted[kind] - 100 * share) < 15 * share**0.5 + 20 for kind, share in expected.items())


def test_second_attempt_is_mostly_accepted() -> None:
    assert kinds(repeated=True)[Kind.ACCEPTED] > 9_800


def test_same_seed_same_decisions_other_seed_others() -> None:
    one, again, other = ([decide(seed, f"e{i}", "i", Shares(), repeated=False) for i in range(500)] for seed in ("a", "a", "b"))
    assert one == again != other


def test_shares_above_one_hundred_are_refused() -> None:
    with pytest.raises(ValueError, match="100"):
        Shares(rejected=60, late=41)


@pytest.mark.parametrize(
    ("kind", "status", "answer_after", "book_on"),
    [
        (Kind.ACCEPTED, "ACSP", timedelta(hours=4), TOMORROW),
        (Kind.RETURNED, "ACSP", timedelta(hours=4), TOMORROW),
        (Kind.REJECTED, "RJCT", timedelta(hours=4), None),
        (Kind.LATE, "ACSP", timedelta(days=5), date(2026, 3, 9)),  # the fifth day is a Saturday
        (Kind.UNANSWERED_BOOKED, None, None, date(2026, 3, 10)),
        (Kind.UNANSWERED_REJECTED, "RJCT", timedelta(days=12), None),
    ],
)
def test_plan_transfer_each_kind_has_its_times(
    kind: Kind, status: str | None, answer_after: timedelta | None, book_on: date | None
) -> None:
    planned = plan_transfer(Behaviour(kind, return_days=3), RECEIVED, TOMORROW, "EUR")
    assert (planned.status, planned.book_on) == (status, book_on)
    assert planned.answer_at == (RECEIVED + answer_after if answer_after else None)
    assert planned.return_on == (date(2026, 3, 6) if kind is Kind.RETURNED else None)


@pytest.mark.parametrize("kind", Kind)
def test_bank_that_answers_batches_at_once_is_never_late(kind: Kind) -> None:
    """Else its word on a block would say of a transfer what a later report denies."""
    late = plan_transfer(Behaviour(kind, "MS03", return_days=3), RECEIVED, TOMORROW, "EUR")
    planned = plan_transfer(of_a_batch(Behaviour(kind, "MS03", return_days=3)), RECEIVED, TOMORROW, "EUR")
    assert planned.answer_at == RECEIVED + timedelta(hours=4)
    assert (planned.status, planned.book_on is None) == (late.status or "ACSP", late.book_on is None)


@pytest.mark.parametrize(
    ("requested", "currency", "booked"),
    [
        (date(2026, 5, 1), "EUR", date(2026, 5, 4)),  # TARGET rests on 1 May
        (date(2026, 5, 1), "DKK", date(2026, 5, 1)),
        (date(2026, 6, 5), "DKK", date(2026, 6, 8)),  # Constitution Day
        (date(2026, 6, 4), "PLN", date(2026, 6, 5)),  # Corpus Christi
        (date(2026, 2, 20), "EUR", date(2026, 3, 2)),  # a day before the order was received
    ],
)
def test_plan_transfer_books_on_bank_days_of_the_currency(requested: date, currency: str, booked: date) -> None:
    assert plan_transfer(Behaviour(Kind.ACCEPTED), RECEIVED, requested, currency).book_on == booked
