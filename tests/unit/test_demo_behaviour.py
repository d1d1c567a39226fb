"""The people of the demonstration: the same seed plays the same play, and every path of the lifecycle occurs in it."""

from collections import Counter
from datetime import timedelta

import pytest
from stdnum import iban

from simulation.demo.accounts import fictional_account
from simulation.demo.behaviour import Answer, Behaviour, Fate
from simulation.demo.dice import Dice

CASES = [f"case-{number}" for number in range(500)]
POINTS = {"relevance": 30, "transition": 30, "quality": 20, "capacity": 10, "value-for-money": 10}


def test_the_same_seed_makes_the_same_choices_and_another_seed_makes_others() -> None:
    def play(seed: str) -> list[object]:
        return [Behaviour(Dice(seed)).plan_of(case) for case in CASES]

    assert play("a") == play("a")
    assert play("a") != play("b")


def test_every_answer_and_every_fate_occurs_among_a_few_hundred_cases() -> None:
    dice = Dice("triptych")
    assert {Behaviour(dice).answer_to_offer(case)[0] for case in CASES} == set(Answer)
    assert {Behaviour(dice).plan_of(case).fate for case in CASES} == set(Fate)


def test_nobody_ever_plans_to_claim_more_than_the_voucher_is_worth() -> None:
    for case in CASES:
        plan = Behaviour(Dice("triptych")).plan_of(case)
        assert sum(plan.parts) <= 100
        assert len(plan.parts) == len(plan.claims_after)
        assert list(plan.claims_after) == sorted(plan.claims_after)


def test_who_never_claims_has_no_claim_and_who_was_extended_claims_after_the_first_end() -> None:
    plans = [Behaviour(Dice("triptych")).plan_of(case) for case in CASES]
    assert all(plan.parts == () for plan in plans if plan.fate is Fate.NEVER_CLAIMS)
    half_a_year = timedelta(days=184)
    assert all(plan.claims_after[-1] > half_a_year for plan in plans if plan.fate is Fate.EXTENDED)


def test_a_claim_handed_in_anew_is_accepted() -> None:
    dice = Dice("triptych")
    rejected = [case for case in CASES if Behaviour(dice).verdict_on(f"invoice-{case}-0-1").granted_percent == 0]
    assert rejected
    assert all(Behaviour(dice).verdict_on(f"invoice-{case}-0-2").granted_percent == 100 for case in rejected)


def test_a_score_sheet_holds_every_criterion_within_its_points() -> None:
    for case in CASES[:100]:
        sheet = Behaviour(Dice("triptych")).score_sheet("evaluator-1", case, POINTS)
        assert sheet.keys() == POINTS.keys()
        assert all(0 <= points <= POINTS[criterion] for criterion, points in sheet.items())


def test_two_evaluators_agree_mostly_and_differ_by_thirty_points_sometimes() -> None:
    dice = Dice("triptych")
    differences = [
        abs(sum(Behaviour(dice).score_sheet("one", case, POINTS).values()) - sum(Behaviour(dice).score_sheet("two", case, POINTS).values()))
        for case in CASES
    ]
    share = sum(difference >= 30 for difference in differences) * 100 // len(CASES)
    assert 5 <= share <= 25


def test_weights_give_their_shares() -> None:
    dice, options = Dice("triptych"), (("often", 90), ("seldom", 10))
    drawn = Counter(dice.weighted(options, case) for case in CASES)
    assert 420 <= drawn["often"] <= 480


@pytest.mark.parametrize("country", ["GR", "HR", "PL", "DK", "BE"])
@pytest.mark.parametrize("number", [0, 1, 345_678, 2**64 - 1])
def test_fictional_accounts_have_right_check_digits(country: str, number: int) -> None:
    assert iban.is_valid(fictional_account(country, number))
