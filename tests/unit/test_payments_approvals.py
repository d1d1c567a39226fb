"""Approvals of a disbursement: the steps that the policy asks for, and the persons who may give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.approvals import Others, approvals_needed, check_approver, counted_minor, next_step
from shared.identity.actor import Actor, Role, grants
from shared.identity.permissions import Permission
from shared.kernel.errors import Forbidden
from shared.policy.sections import Approvals, ApprovalStep
from tests.support.payments import policy_of

REGION = "hr-koprivnica"
TABLE = Approvals(
    account_cooling_off_days=3,
    steps=(
        ApprovalStep(above_minor=0, permission=Permission.APPROVE_DISBURSEMENT),
        ApprovalStep(above_minor=100_000, permission=Permission.CHECK_CLAIM),
        ApprovalStep(above_minor=1_000_000, permission=Permission.APPROVE_DISBURSEMENT),
    ),
)
"""Finance, above 1,000.00 an officer, above 10,000.00 finance again."""


def person(name: str, role: Role = Role.FINANCE, region: str = REGION) -> Actor:
    return Actor(name, grants({role}, {region}), fresh=True)


def refusal(approver: Actor, step: ApprovalStep) -> str:
    with pytest.raises(Forbidden) as caught:
        check_approver(approver, step, REGION, {"first"})
    return caught.value.code


def test_second_approval_is_needed_above_the_amount_only() -> None:
    approvals = policy_of(REGION).approvals
    limit = approvals.second_approver_above_minor
    assert limit is not None
    assert [approvals_needed(amount, approvals) for amount in (limit, limit + 1)] == [1, 2]


@pytest.mark.parametrize(("amount_minor", "needed"), [(1, 1), (100_000, 1), (100_001, 2), (1_000_000, 2), (1_000_001, 3)])
def test_number_of_steps_follows_the_amount(amount_minor: int, needed: int) -> None:
    assert approvals_needed(amount_minor, TABLE) == needed


def test_three_steps_are_given_in_order_by_their_permissions() -> None:
    """Each approver holds the permission of the step, which the person of another step need not hold."""
    steps, given = TABLE.required(2_000_000), set[str]()
    approvers = [person("finance-2"), person("officer-2", Role.OFFICER), person("finance-3")]
    for count, approver in enumerate(approvers):
        number, step = next_step(steps, count)
        assert number == count + 1
        check_approver(approver, step, REGION, given)
        given.add(approver.id)
    assert given == {"finance-2", "officer-2", "finance-3"}


def test_approver_without_the_permission_of_the_step_is_refused() -> None:
    first, second, _ = TABLE.required(2_000_000)
    assert refusal(person("officer-2", Role.OFFICER), first) == "wrong-role"
    assert refusal(person("finance-2"), second) == "wrong-role"
    assert refusal(person("finance-2", region="pl-malopolska"), first) == "foreign-region"


def test_person_approves_once() -> None:
    step = TABLE.required(1)[0]
    assert refusal(person("first"), step) == "approved-already"
    check_approver(person("another"), step, REGION, {"first"})


@given(st.lists(st.integers(1, 2_000_000), min_size=1, max_size=6), st.booleans())
def test_split_amount_needs_the_approvals_of_the_whole(parts: list[int], on_voucher: bool) -> None:
    """The parts are prepared one after another, all on one voucher or all to one account."""
    before, needed = 0, 0
    for part in parts:
        others = Others(before, 0) if on_voucher else Others(0, before)
        needed = max(needed, approvals_needed(counted_minor(part, others), TABLE))
        before += part
    assert needed >= approvals_needed(sum(parts), TABLE)
