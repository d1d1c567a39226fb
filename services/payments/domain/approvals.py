"""Four eyes: how many approve a disbursement, and who may not."""

from dataclasses import dataclass

from shared.identity.separation import require_distinct
from shared.kernel.errors import Forbidden
from shared.policy.sections import Approvals


@dataclass(frozen=True, slots=True)
class Earlier:
    """Who took which earlier step. `account_set_by` registered or changed the account that is to be paid."""

    prepared_by: str
    account_set_by: str
    claim_checked_by: str
    approved_by: frozenset[str] = frozenset()


def approvals_needed(amount_minor: int, approvals: Approvals) -> int:
    return len(approvals.required(amount_minor))


def check_approver(approver: str, earlier: Earlier) -> None:
    """`Forbidden` with prepared-it, changed-the-account, checked-the-claim or approved-already."""
    prepared = Forbidden("prepared-it", "You prepared this payment, so another person has to approve it.")
    require_distinct(approver, {earlier.prepared_by}, prepared)
    changed = Forbidden("changed-the-account", "You registered or changed this account, so another person has to approve the payment.")
    require_distinct(approver, {earlier.account_set_by}, changed)
    checked = Forbidden("checked-the-claim", "You checked the claim, so another person has to approve the payment.")
    require_distinct(approver, {earlier.claim_checked_by}, checked)
    approved = Forbidden("approved-already", "You have approved this payment already; the next approval is another person's.")
    require_distinct(approver, earlier.approved_by, approved)
