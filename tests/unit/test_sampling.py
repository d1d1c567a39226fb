"""A sample follows from its seed and its population, in whatever order the rows come."""

from uuid import UUID

import pytest

from services.payments.domain.sampling import PaidCase, SampleMethod, draw, population_hash

CASES = [PaidCase(UUID(int=number), 100 * number) for number in range(1, 41)]
HUGE = PaidCase(UUID(int=99), 50_000_000)


@pytest.mark.parametrize("method", SampleMethod)
def test_same_seed_draws_the_same(method: SampleMethod) -> None:
    first = draw(method, CASES, 8, "Kortrijk 2026")
    assert draw(method, reversed(CASES), 8, "Kortrijk 2026") == first
    assert draw(method, CASES, 8, "another") != first
    assert sum(drawn.hits for drawn in first) == 8
    assert population_hash(reversed(CASES)) == population_hash(CASES) != population_hash(CASES[1:])


@pytest.mark.parametrize("seed", [f"seed {number}" for number in range(20)])
def test_large_amount_is_always_in_a_sample_by_amount(seed: str) -> None:
    drawn = {one.case: one.hits for one in draw(SampleMethod.BY_AMOUNT, [*CASES, HUGE], 10, seed)}
    assert drawn[HUGE] >= 9
    assert sum(drawn.values()) == 10


@pytest.mark.parametrize("method", SampleMethod)
def test_few_cases_and_none(method: SampleMethod) -> None:
    assert {one.case for one in draw(method, CASES[:2], 500, "a")} == set(CASES[:2])
    assert draw(method, [], 5, "a") == []
