"""Money: splitting, sharing and parsing create and lose no minor unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import BASIS, Money, Rounding, total

amounts = st.integers(0, 10**12).map(lambda minor: Money(minor, "EUR"))
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=50).filter(lambda w: sum(w) > 0)


@given(amounts, weights)
def test_parts_of_a_split_add_up_exactly(amount: Money, weights: list[int]) -> None:
    parts = amount.split(weights)
    assert total(parts, "EUR") == amount
    assert all(abs(part.minor * sum(weights) - amount.minor * weight) < sum(weights) for part, weight in zip(parts, weights, strict=True))


@given(amounts, st.integers(0, BASIS))
def test_share_rounded_down_and_rest_rounded_up_make_the_whole(amount: Money, basis_points: int) -> None:
    assert amount.share(basis_points, Rounding.DOWN) + amount.share(BASIS - basis_points, Rounding.UP) == amount


@given(st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "PLN", "DKK"]))
def test_written_amount_is_read_back(minor: int, currency: str) -> None:
    assert Money.parse(Money(minor, currency).decimal(), currency) == Money(minor, currency)


@pytest.mark.parametrize("text", ["1.234", "abc", "", "NaN", "1e-3", "Infinity", "1,50"])
def test_parts_of_a_minor_unit_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="EUR"):
        Money.parse(text, "EUR")


def test_rounding_follows_its_mode() -> None:
    assert [Money(5, "EUR").share(5_000, rounding).minor for rounding in Rounding] == [2, 3, 3]
    assert Money(10, "EUR").share(3_333, Rounding.HALF_UP).minor == 3


def test_mixed_currencies_and_floats_are_refused() -> None:
    with pytest.raises(ValueError, match="do not mix"):
        Money(1, "EUR") + Money(1, "DKK")
    with pytest.raises(ValueError, match="do not mix"):
        _ = Money(1, "EUR") < Money(2, "PLN")
    with pytest.raises(ValueError, match="int"):
        Money(1.0, "EUR")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown currency"):
        Money(1, "HRK")
