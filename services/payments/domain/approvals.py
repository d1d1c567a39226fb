"""Approvals of a disbursement: the policy's table says how many, in which order and by whom; one person gives at most one.

Which earlier steps of the case bar a person from approving is in `shared/identity/duties.py`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared.identity.actor import Actor
from shared.identity.permissions import authorise
from shared.identity.separation import require_distinct
from shared.kernel.errors import Conflict, Forbidden
from shared.policy.sections import Approvals, ApprovalStep

ACCOUNT_WINDOW_DAYS = 30
"""How far back payments to the account count where the policy has no `window_days`: a month's invoices of one provider."""


@dataclass(frozen=True, slots=True)
class Others:
    """What else is prepared or paid: on the same voucher in its whole life, and to the same account within the window."""

    on_voucher_minor: int
    to_account_minor: int


def counted_minor(amount_minor: int, others: Others) -> int:
    """The sum whose approvals a disbursement needs: with what else goes to the voucher or to the account, so that splitting an amount
    gains nothing."""
    return amount_minor + max(others.on_voucher_minor, others.to_account_minor)


def account_window_days(approvals: Approvals) -> int:
    return ACCOUNT_WINDOW_DAYS if approvals.window_days is None else approvals.window_days


def approvals_needed(counted: int, approvals: Approvals) -> int:
    """How many approvals a sum of `counted_minor` needs."""
    return len(approvals.required(counted))


def next_step(steps: Sequence[ApprovalStep], given: int) -> tuple[int, ApprovalStep]:
    """The number of the next approval, from 1, and what the policy says of it. `given` approvals count so far, fewer than `steps`."""
    return given + 1, steps[given]


def check_approver(approver: Actor, step: ApprovalStep, region: str, approved_by: Collection[str]) -> None:
    """`Forbidden` without the step's permission in the region, and for a person who approved already."""
    authorise(approver, step.permission, region=region)
    approved = Forbidden("approved-already", "You have approved this payment already; the next approval is another person's.")
    require_distinct(approver.id, approved_by, approved)


@dataclass(frozen=True, slots=True)
class ProvenApproval:
    """An approval by its event. `payment_key` None: the event is from before it was kept, when events were not proven either."""

    attempt: int
    approver: str
    payment_key: str | None
    complete: bool


def is_approved(approvals: Sequence[ProvenApproval], attempt: int, payment_key: str, approvers: Collection[str]) -> bool:
    """Whether the events say that all these persons approved this payment, and that no further approval was needed."""
    of_payment = [one for one in approvals if one.attempt == attempt and one.payment_key in (None, payment_key)]
    return {one.approver for one in of_payment} >= set(approvers) and any(one.complete for one in of_payment)


def check_unchanged(read: str, current: str) -> None:
    """`Conflict` when the hash that the approver read is not that of the payment as it is now."""
    if read != current:
        raise Conflict("approval-outdated", "Payee, account or amount have changed since you read the payment. Read it again.")
