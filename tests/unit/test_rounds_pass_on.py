"""What a round leaves, and who waits there, go on to a later one. Source: issue 15, several cut-offs in a rolling call."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.applications.domain.rounds import RoundWindow, check_round_end, next_open_round
from services.evaluation.domain.allotment import Rule, Shortage, awards
from services.payments.domain.envelope_changes import left_over
from shared.kernel.errors import Refused
from shared.policy.cut_offs import CutOffs

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


def window(number: int, starts: int, *, closed: bool = False) -> RoundWindow:
    """A round of a month that opens so many months after now."""
    return RoundWindow(number, NOW + starts * MONTH, NOW + (starts + 1) * MONTH, closed)


@pytest.mark.parametrize(
    ("rounds", "found"),
    [
        ([window(1, -2), window(2, -1), window(3, 0)], 3),  # the next one is over: the one after it takes them
        ([window(1, -1), window(2, 0)], 2),
        ([window(1, -1), window(2, 0, closed=True)], None),
        ([window(1, -2), window(2, -1)], None),
        ([window(1, 0)], None),
    ],
)
def test_next_round_that_takes_applications(rounds: list[RoundWindow], found: int | None) -> None:
    assert next_open_round(rounds, 1, NOW) == found


def test_round_ends_before_each_later_one() -> None:
    """Source: issue 15, cut-offs are one after the other; what a round leaves goes on to the next."""
    later = [NOW + 2 * MONTH, NOW + MONTH]  # the second of them was extended
    check_round_end(NOW + MONTH - timedelta(minutes=1), later, "Europe/Warsaw")
    check_round_end(NOW + 9 * MONTH, [], "Europe/Warsaw")  # the last round, and any other call
    for end in (NOW + MONTH, NOW + 2 * MONTH):
        with pytest.raises(Refused) as refused:
            check_round_end(end, later, "Europe/Warsaw")
        assert (refused.value.code, refused.value.field) == ("round-after-next", "closes_at")
        assert refused.value.facts["until"] == NOW + MONTH


@given(
    st.integers(1, 10**6),
    st.lists(st.lists(st.integers(1, 10**6), max_size=4), min_size=2, max_size=4),
    st.sampled_from(["wait", "skip", "partial"]),
)
def test_rounds_never_give_more_than_the_envelope(envelope: int, asked: list[list[int]], rule: Rule) -> None:
    """Over all rounds, whatever each leaves to the next; and nothing of the envelope is lost on the way."""
    passed = given_out = 0
    for part, requests in zip(CutOffs(every_months=1).parts(envelope, len(asked)), asked, strict=True):
        available = part + passed
        awarded = sum(one or 0 for one in awards(requests, available, Shortage(rule, 1)))
        given_out, passed = given_out + awarded, left_over(available - awarded, 0)
        assert given_out <= envelope
    assert given_out + passed == envelope
    assert left_over(passed, passed) == left_over(passed, passed + 1) == 0, "what is proposed already is not left twice"
