"""A payee's account, and the bank that pays to it."""

from services.payments.tables import PayeeAccountRow, PayeeRow
from shared.kernel.errors import Refused
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook
from shared.policy.sections import Bank


def record_account(context: Context, payee: PayeeRow) -> None:
    """Adds the account in use to the history of the payee's accounts, which never changes."""
    context.session.add(
        PayeeAccountRow(
            payee_id=payee.id, version=payee.account_version, name=payee.name, account_number=payee.account_number,
            set_by=payee.account_set_by, set_at=payee.account_set_at,
        )
    )  # fmt: skip


def bank_of_region(book: PolicyBook, region: str) -> Bank:
    """The bank that the region's latest policy names, whatever the scheme. `Refused` 'unknown-region'."""
    policies = [policy for policy in book.all() if policy.region == region]
    if not policies:
        raise Refused("unknown-region", "There is no such region.", field="region")
    return max(policies, key=lambda policy: policy.effective_from).bank
