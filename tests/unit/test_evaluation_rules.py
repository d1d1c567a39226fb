"""The rows "Evaluation" of the cases of the rules, as pure functions: what is left of the money, who is tied to a call, how far from the
cut-off, when silence is escalated."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.domain.allotment import Shortage, allot, award_in_queue, next_from_reserve, unspent
from services.evaluation.domain.assignment import Evaluator
from services.evaluation.domain.conflicts import tied_to_call
from services.evaluation.domain.distance import Distance, distance_to_cut_off
from services.evaluation.domain.ranking import ListEntry, Listing
from services.evaluation.domain.silence import silence_terms
from tests.support.evaluation import BOOK, Scene

GRANTED, RESERVE, REFUSED = "granted", "reserve", "refused"


def entry(number: int, amount: int, *failed: str) -> ListEntry:
    return ListEntry(UUID(int=number), amount, amount, failed=failed)


ASKED = [entry(1, 6_000), entry(2, 9_000), entry(3, 3_000)]
"""10,000 left, asked 6,000, 9,000 and 3,000."""


@pytest.mark.parametrize(
    ("shortage", "expected", "left"),
    [
        (Shortage(), [(GRANTED, 6_000), (RESERVE, 0), (RESERVE, 0)], (4_000, 2, 9_000)),
        (Shortage("skip"), [(GRANTED, 6_000), (RESERVE, 0), (GRANTED, 3_000)], (1_000, 1, 9_000)),
        (Shortage("partial", 1_000), [(GRANTED, 6_000), (GRANTED, 4_000), (RESERVE, 0)], (0, 1, 3_000)),
        (Shortage("partial", 4_001), [(GRANTED, 6_000), (RESERVE, 0), (RESERVE, 0)], (4_000, 2, 9_000)),
    ],
)
def test_what_is_left_goes_as_the_policy_says(shortage: Shortage, expected: list[tuple[str, int]], left: tuple[int, int, int]) -> None:
    found = allot(ASKED, 10_000, shortage)
    assert [(one.outcome, one.amount_minor) for one in found] == expected
    rest = unspent(ASKED, found, 10_000)
    assert (rest.left_minor, rest.waiting, rest.next_minor) == left


@given(
    st.lists(st.tuples(st.integers(0, 9_000), st.booleans()), max_size=12), st.integers(-500, 30_000),
    st.sampled_from(["wait", "skip", "partial"]), st.integers(0, 3_000),
)  # fmt: skip
def test_awards_stay_within_the_money_and_the_request(asked: list[tuple[int, bool]], money: int, rule: str, least: int) -> None:
    entries = [entry(number, amount, *(["below-threshold"] if failed else [])) for number, (amount, failed) in enumerate(asked)]
    found = allot(entries, money, Shortage(rule, least))  # type: ignore[arg-type]
    assert sum(one.amount_minor for one in found) <= max(0, money)
    parts = [one for each, one in zip(entries, found, strict=True) if one.outcome == GRANTED and one.amount_minor < each.amount_minor]
    assert all(one.amount_minor <= each.amount_minor for each, one in zip(entries, found, strict=True))
    assert len(parts) <= (rule == "partial")
    assert all(one.amount_minor >= least for one in parts)
    assert [one.outcome == REFUSED for one in found] == [bool(each.failed) for each in entries]
    if rule == "wait":
        outcomes = [one.outcome for one in found if one.outcome != REFUSED]
        assert outcomes == sorted(outcomes), "nobody overtakes"


@pytest.mark.parametrize(
    ("shortage", "has_waiting", "awarded"),
    [
        (Shortage(), False, None), (Shortage("skip"), False, None), (Shortage("partial", 4_000), False, 4_000),
        (Shortage("partial", 4_001), False, None), (Shortage("partial", 1), True, None),
    ],
)  # fmt: skip
def test_next_of_a_queue_gets_what_the_policy_says(shortage: Shortage, has_waiting: bool, awarded: int | None) -> None:
    """4,000 left, asked 9,000; then 3,000 behind somebody who waits."""
    assert award_in_queue(9_000, 4_000, shortage, has_waiting=has_waiting) == awarded
    assert award_in_queue(3_000, 4_000, shortage, has_waiting=True) == (3_000 if shortage.rule == "skip" else None)


def test_reserve_list_gives_no_parts() -> None:
    assert next_from_reserve(ASKED, 7_000, Shortage("partial", 1)) == [True, False, False]
    assert next_from_reserve(ASKED[1:], 3_500, Shortage("skip")) == [False, True]
    assert next_from_reserve(ASKED[1:], 3_500) == [False, False]


def test_list_without_the_rule_has_the_hash_it_had() -> None:
    listing = Listing(UUID(int=1), "ranking", "policy", "EUR", 1, (), (), ())
    assert "when_short" not in listing.text()
    assert '"when_short":"skip"' in Listing(UUID(int=1), "ranking", "policy", "EUR", 1, (), (), (), "skip").text()


def evaluator(name: str, *relations: str) -> Evaluator:
    return Evaluator(name, "r", frozenset(), frozenset(), frozenset(relations))


def test_who_is_tied_to_any_applicant_has_no_part_in_the_call() -> None:
    found = [evaluator("own-firm", "a"), evaluator("free", "z"), evaluator("acts-for-one"), evaluator("nobody")]
    assert tied_to_call(found, {"a", "b"}, {"acts-for-one", "stranger"}) == {"own-firm", "acts-for-one"}


@pytest.mark.parametrize(("own", "expected"), [(3, Distance(7_000, 1_250)), (4, Distance(7_000, 0)), (1, None), (9, None)])
def test_distance_is_to_the_last_that_is_granted(own: int, expected: Distance | None) -> None:
    scores = {UUID(int=1): 9_000, UUID(int=2): 7_000, UUID(int=3): 5_750, UUID(int=4): 7_000}
    assert distance_to_cut_off(UUID(int=own), scores, {UUID(int=1), UUID(int=2)}) == expected
    assert distance_to_cut_off(UUID(int=own), scores, ()) is None


def test_silence_is_escalated_by_the_policys_days() -> None:
    now, usual = datetime(2026, 3, 10, tzinfo=UTC), Scene().policy
    terms = silence_terms(usual, now)
    assert (terms.reminded_before, terms.escalated_before) == (now, now)
    later = max((one for one in BOOK.all() if (one.region, one.scheme) == (usual.region, usual.scheme)), key=lambda one: one.effective_from)
    terms = silence_terms(later, now)
    assert (terms.reminded_before, terms.escalated_before) == (now + timedelta(days=3), now - timedelta(days=3))
