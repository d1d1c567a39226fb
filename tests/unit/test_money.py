"""Money: nothing is made or lost by splitting, sharing, parsing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.money import BASIS, Money, Rounding, total

amounts = st.integers(0, 10**12).map(lambda minor: Money(minor, "EUR"))
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=50).filter(lambda w: sum(w) > 0)


@given(amounts, weights)
def test_the_parts_of_a_split_add_up_and_none_is_a_unit_off(amount: Money, weights: list[int]) -> None:
    parts = amount.split(weights)
    assert total(parts, "EUR") == amount
    assert all(abs(part.minor * sum(weights) - amount.minor * weight) < sum(weights) for part, weight in zip(parts, weights, strict=True))


@given(amounts, st.integers(0, BASIS))
def test_what_is_rounded_down_and_the_rest_rounded_up_make_the_whole(amount: Money, basis_points: int) -> None:
    assert amount.share(basis_points, Rounding.DOWN) + amount.share(BASIS - basis_points, Rounding.UP) == amount


@given(st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "PLN", "DKK"]))
def test_an_amount_survives_being_written_and_read(minor: int, currency: str) -> None:
    assert Money.parse(Money(minor, currency).decimal(), currency) == Money(minor, currency)


@pytest.mark.parametrize("text", ["1.234", "abc", "", "NaN", "1e-3", "Infinity", "1,50"])
def test_what_is_no_whole_number_of_minor_units_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="EUR"):
        Money.parse(text, "EUR")


def test_rounding_goes_where_it_is_told() -> None:
    assert [Money(5, "EUR").share(5_000, rounding).minor for rounding in Rounding] == [2, 3, 3]
    assert Money(10, "EUR").share(3_333, Rounding.HALF_UP).minor == 3


def test_currencies_do_not_mix_and_floats_are_no_money() -> None:
    with pytest.raises(ValueError, match="do not mix"):
        Money(1, "EUR") + Money(1, "DKK")
    with pytest.raises(ValueError, match="do not mix"):
        _ = Money(1, "EUR") < Money(2, "PLN")
    with pytest.raises(ValueError, match="int"):
        Money(1.0, "EUR")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown currency"):
        Money(1, "HRK")
