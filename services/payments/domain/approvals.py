"""Four eyes: how many approve a disbursement, and who may not."""

from collections.abc import Collection
from dataclasses import dataclass

from shared.identity.separation import require_distinct
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
    steps: dict[str, Collection[str]] = {
        "prepared-it": {earlier.prepared_by},
        "changed-the-account": {earlier.account_set_by},
        "checked-the-claim": {earlier.claim_checked_by},
        "approved-already": earlier.approved_by,
    }
    for code, people in steps.items():
        require_distinct(approver, people, code)
