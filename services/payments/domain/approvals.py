"""Approvals of a disbursement: the policy's table says how many, in which order and by whom; one person gives at most one.

An approver took no earlier step of the case (separation of duties): did not prepare the payment, register or change the account, check
the claim, or approve before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.identity.actor import Actor
from shared.identity.permissions import authorise
from shared.identity.separation import require_distinct
from shared.kernel.errors import Forbidden
from shared.policy.sections import Approvals, ApprovalStep


@dataclass(frozen=True, slots=True)
class Earlier:
    """The person behind each earlier step. `account_set_by` registered or changed the account that is to be paid."""

    prepared_by: str
    account_set_by: str
    claim_checked_by: str
    approved_by: frozenset[str] = frozenset()


def approvals_needed(amount_minor: int, approvals: Approvals) -> int:
    return len(approvals.required(amount_minor))


def next_step(steps: Sequence[ApprovalStep], given: int) -> tuple[int, ApprovalStep]:
    """The number of the next approval, from 1, and what the policy says of it. `given` approvals count so far, fewer than `steps`."""
    return given + 1, steps[given]


def check_approver(approver: Actor, step: ApprovalStep, region: str, earlier: Earlier) -> None:
    """`Forbidden` without the step's permission in the region, and for a person who took an earlier step of the case."""
    authorise(approver, step.permission, region=region)
    prepared = Forbidden("prepared-it", "You prepared this payment, so another person has to approve it.")
    require_distinct(approver.id, {earlier.prepared_by}, prepared)
    changed = Forbidden("changed-the-account", "You registered or changed this account, so another person has to approve the payment.")
    require_distinct(approver.id, {earlier.account_set_by}, changed)
    checked = Forbidden("checked-the-claim", "You checked the claim, so another person has to approve the payment.")
    require_distinct(approver.id, {earlier.claim_checked_by}, checked)
    approved = Forbidden("approved-already", "You have approved this payment already; the next approval is another person's.")
    require_distinct(approver.id, earlier.approved_by, approved)
