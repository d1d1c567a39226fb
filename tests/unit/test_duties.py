"""The table of incompatible steps."""

from itertools import product

import pytest

from shared.identity.duties import INCOMPATIBLE, Duty, Scope, check_separation, conflicting
from shared.kernel.errors import Forbidden

OF_ACCOUNTS = {Duty.SET_ACCOUNT, Duty.SET_PROVIDER_ACCOUNT, Duty.CONFIRM_ACCOUNT}
AGENCY = set(Duty) - {Duty.APPLY, *OF_ACCOUNTS}
PAYING = (Duty.SET_ACCOUNT, Duty.SET_PROVIDER_ACCOUNT, Duty.PREPARE, Duty.APPROVE, Duty.SEAL, Duty.RELEASE)
"""Who may change where money goes, or let it go: five steps, five persons; an account is of one kind."""


@pytest.mark.parametrize("duty", sorted(AGENCY))
def test_applicant_takes_no_step_of_the_agency_in_the_call(duty: Duty) -> None:
    assert conflicting(duty, [], [Duty.APPLY]) is Duty.APPLY
    assert conflicting(Duty.APPLY, [], [duty]) is duty


@pytest.mark.parametrize("duty", sorted(OF_ACCOUNTS))
def test_applicant_sets_no_account_but_the_own_one(duty: Duty) -> None:
    expected = None if duty is Duty.SET_ACCOUNT else Duty.APPLY
    assert conflicting(duty, [Duty.APPLY], []) is expected


@pytest.mark.parametrize(("one", "other"), [pair for pair in product(PAYING, PAYING) if pair[0] != pair[1]])
def test_steps_of_a_payment_are_of_different_persons(one: Duty, other: Duty) -> None:
    with pytest.raises(Forbidden) as refused:
        check_separation(one, [other], [])
    assert (refused.value.code, refused.value.facts["earlier"]) == ("incompatible-step", other.value)
    check_separation(one, [], [other])  # of another case of the call


@pytest.mark.parametrize("duty", [Duty.PUBLISH_CALL, Duty.CONFIRM_BUDGET, Duty.REGISTER_EVALUATOR, Duty.IMPORT, Duty.SCORE])
def test_who_prepared_a_call_does_not_decide_it(duty: Duty) -> None:
    assert conflicting(Duty.DECIDE, [], [duty]) is duty


def test_screener_may_check_claims_and_decide() -> None:
    check_separation(Duty.CHECK_CLAIM, [Duty.SCREEN], [])
    check_separation(Duty.DECIDE, [Duty.SCREEN], [])


def test_table_has_the_pairs_of_the_rules() -> None:
    assert INCOMPATIBLE[frozenset((Duty.IMPORT, Duty.SCREEN))] is Scope.CASE
    assert INCOMPATIBLE[frozenset((Duty.SCREEN, Duty.SCORE))] is Scope.CASE
    assert INCOMPATIBLE[frozenset((Duty.REGISTER_EVALUATOR, Duty.SCREEN))] is Scope.CALL
    assert INCOMPATIBLE[frozenset((Duty.ORDER_RECOVERY, Duty.CLOSE_RECOVERY))] is Scope.CASE
    assert INCOMPATIBLE[frozenset((Duty.CHECK_CLAIM, Duty.APPROVE))] is Scope.CASE
    assert all(len(pair) == 2 for pair in INCOMPATIBLE)
