"""Approvals of a disbursement: the policy's table says how many, in which order and by whom; one person gives at most one.

An approver took no earlier step of the case (separation of duties): did not prepare the payment, set or confirm a part of the account,
check the claim, or approve before.
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
class Earlier:
    """The persons behind each earlier step. `account_set_by` set or confirmed the account that is to be paid."""

    prepared_by: str
    account_set_by: frozenset[str]
    claim_checked_by: str
    approved_by: frozenset[str] = frozenset()


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


def check_preparer(preparer: str, account_set_by: Collection[str]) -> None:
    """`Forbidden` 'changed-the-account' for a person who set or confirmed the account that is to be paid."""
    require_distinct(preparer, account_set_by, _changed_the_account())


def refuse_preparer(actor_id: str, preparers: Collection[str]) -> None:
    """`Forbidden` when the person who sets or confirms an account has prepared an open payment to it."""
    prepared = Forbidden("prepared-to-this-account", "You prepared a payment to this account, so another person has to set or confirm it.")
    require_distinct(actor_id, preparers, prepared)


def check_approver(approver: Actor, step: ApprovalStep, region: str, earlier: Earlier) -> None:
    """`Forbidden` without the step's permission in the region, and for a person who took an earlier step of the case."""
    authorise(approver, step.permission, region=region)
    prepared = Forbidden("prepared-it", "You prepared this payment, so another person has to approve it.")
    require_distinct(approver.id, {earlier.prepared_by}, prepared)
    require_distinct(approver.id, earlier.account_set_by, _changed_the_account())
    checked = Forbidden("checked-the-claim", "You checked the claim, so another person has to approve the payment.")
    require_distinct(approver.id, {earlier.claim_checked_by}, checked)
    approved = Forbidden("approved-already", "You have approved this payment already; the next approval is another person's.")
    require_distinct(approver.id, earlier.approved_by, approved)


def check_unchanged(read: str, current: str) -> None:
    """`Conflict` when the hash that the approver read is not that of the payment as it is now."""
    if read != current:
        raise Conflict("approval-outdated", "Payee, account or amount have changed since you read the payment. Read it again.")


def _changed_the_account() -> Forbidden:
    return Forbidden(
        "changed-the-account",
        "You registered, changed or confirmed this account, so another person prepares and approves the payment.",
    )
