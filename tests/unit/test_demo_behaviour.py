"""Behaviour in the demonstration: the same seed gives the same decisions, and every path of the lifecycle occurs."""

from collections import Counter
from datetime import timedelta

import pytest
from stdnum import iban

from simulation.demo.accounts import fictional_account
from simulation.demo.behaviour import Answer, Behaviour, PlannedOutcome
from simulation.demo.seeded_random import SeededRandom

CASES = [f"case-{number}" for number in range(500)]
POINTS = {"relevance": 30, "transition": 30, "quality": 20, "capacity": 10, "value-for-money": 10}


def test_behaviour_same_seed_same_plans_other_seed_others() -> None:
    def plans(seed: str) -> list[object]:
        return [Behaviour(SeededRandom(seed)).voucher_plan(case) for case in CASES]

    assert plans("a") == plans("a")
    assert plans("a") != plans("b")


def test_behaviour_every_answer_and_outcome_occurs() -> None:
    random = SeededRandom("triptych")
    assert {Behaviour(random).answer_to_offer(case)[0] for case in CASES} == set(Answer)
    assert {Behaviour(random).voucher_plan(case).outcome for case in CASES} == set(PlannedOutcome)


def test_voucher_plan_claims_at_most_the_voucher_value() -> None:
    for case in CASES:
        plan = Behaviour(SeededRandom("triptych")).voucher_plan(case)
        assert sum(plan.parts) <= 100
        assert len(plan.parts) == len(plan.claims_after)
        assert list(plan.claims_after) == sorted(plan.claims_after)


def test_voucher_plan_parts_and_times_fit_the_outcome() -> None:
    plans = [Behaviour(SeededRandom("triptych")).voucher_plan(case) for case in CASES]
    assert all(plan.parts == () for plan in plans if plan.outcome is PlannedOutcome.NEVER_CLAIMS)
    half_a_year = timedelta(days=184)
    assert all(plan.claims_after[-1] > half_a_year for plan in plans if plan.outcome is PlannedOutcome.EXTENDED)


def test_claim_decision_second_claim_is_accepted() -> None:
    random = SeededRandom("triptych")
    rejected = [case for case in CASES if Behaviour(random).claim_decision(f"invoice-{case}-0-1").granted_percent == 0]
    assert rejected
    assert all(Behaviour(random).claim_decision(f"invoice-{case}-0-2").granted_percent == 100 for case in rejected)


def test_score_sheet_has_every_criterion_within_its_points() -> None:
    for case in CASES[:100]:
        sheet = Behaviour(SeededRandom("triptych")).score_sheet("evaluator-1", case, POINTS)
        assert sheet.keys() == POINTS.keys()
        assert all(0 <= points <= POINTS[criterion] for criterion, points in sheet.items())


def test_score_sheets_differ_by_thirty_points_sometimes() -> None:
    random = SeededRandom("triptych")
    differences = [
        abs(
            sum(Behaviour(random).score_sheet("one", case, POINTS).values())
            - sum(Behaviour(random).score_sheet("two", case, POINTS).values())
        )
        for case in CASES
    ]
    share = sum(difference >= 30 for difference in differences) * 100 // len(CASES)
    assert 5 <= share <= 25


def test_seeded_random_weights_give_their_shares() -> None:
    random, options = SeededRandom("triptych"), (("often", 90), ("seldom", 10))
    drawn = Counter(random.weighted(options, case) for case in CASES)
    assert 420 <= drawn["often"] <= 480


@pytest.mark.parametrize("country", ["GR", "HR", "PL", "DK", "BE"])
@pytest.mark.parametrize("number", [0, 1, 345_678, 2**64 - 1])
def test_fictional_account_has_valid_check_digits(country: str, number: int) -> None:
    assert iban.is_valid(fictional_account(country, number))
