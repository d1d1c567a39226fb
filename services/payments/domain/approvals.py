"""Approvals of a disbursement: the policy's table says how many, in which order and by whom; one person gives at most one.

Which earlier steps of the case bar a person from approving is in `shared/identity/duties.py`.
"""

from collections.abc import Collection, Sequence

from shared.identity.actor import Actor
from shared.identity.permissions import authorise
from shared.identity.separation import require_distinct
from shared.kernel.errors import Forbidden
from shared.policy.sections import Approvals, ApprovalStep


def approvals_needed(amount_minor: int, approvals: Approvals) -> int:
    return len(approvals.required(amount_minor))


def next_step(steps: Sequence[ApprovalStep], given: int) -> tuple[int, ApprovalStep]:
    """The number of the next approval, from 1, and what the policy says of it. `given` approvals count so far, fewer than `steps`."""
    return given + 1, steps[given]


def check_approver(approver: Actor, step: ApprovalStep, region: str, approved_by: Collection[str]) -> None:
    """`Forbidden` without the step's permission in the region, and for a person who approved already."""
    authorise(approver, step.permission, region=region)
    approved = Forbidden("approved-already", "You have approved this payment already; the next approval is another person's.")
    require_distinct(approver.id, approved_by, approved)
