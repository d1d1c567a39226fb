"""A payee's account: put in force, or put before a second person; and the policy of its region."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.accounts import Holder, account_key, is_shared
from services.payments.domain.states import ProposalReason, ProposalState
from services.payments.locks import lock_row
from services.payments.tables import AccountProposalRow, PayeeAccountRow, PayeeRow
from shared.contracts.payments import PayeeAccountProposed
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound, Refused
from shared.kernel.ids import new_id
from shared.messaging.context import Context
from shared.messaging.event import Event
from shared.messaging.outbox import publish
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from shared.privacy.sealed import digest_of


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account as it was given, and by whom and when."""

    name: str
    number: str
    set_by: str
    set_at: datetime


def put_in_force(context: Context, payee: PayeeRow, account: NewAccount, confirmed_by: str | None) -> None:
    """Makes it the payee's account and adds it to the history, which never changes. Nothing is paid to it during the cooling-off.

    A first account rests like a changed one. The cooling-off is the longest of the region's schemes: an account may be paid under any.
    """
    payee.name, payee.account_number = account.name, account.number
    payee.account_version += 1
    payee.account_set_by, payee.account_set_at = account.set_by, account.set_at
    payee.cooling_off_until = context.now + cooling_off(context.policies, payee.region)
    context.session.add(
        PayeeAccountRow(
            payee_id=payee.id, version=payee.account_version, subject_id=payee.subject_id, region=payee.region, name=account.name,
            account_number=account.number, set_by=account.set_by, set_at=account.set_at, confirmed_by=confirmed_by,
            in_force_at=context.now,
        )
    )  # fmt: skip


def propose(context: Context, payee: PayeeRow, account: NewAccount, reason: ProposalReason) -> None:
    """Puts the account before a second person. The account in force stays."""
    proposal = AccountProposalRow(
        id=new_id(), payee_id=payee.id, region=payee.region, subject_id=payee.subject_id, name=account.name,
        account_number=account.number, reason=reason, proposed_by=account.set_by, proposed_at=account.set_at,
    )  # fmt: skip
    context.session.add(proposal)
    proposed = PayeeAccountProposed(
        payee_id=payee.id, region=payee.region, kind=payee.kind, version=payee.account_version + 1, proposal_id=proposal.id
    )
    publish_payee_event(context, payee, proposed, reason)


def publish_payee_event(context: Context, payee: PayeeRow, event: Event, reason: str) -> None:
    publish(context, event, reason=reason, policy_id=policy_of_region(context.policies, payee.region).id)


def account_digest(context: Context, number: str) -> str:
    """The `account_key` of a number."""
    return digest_of(context.session, "account_key", account_key(number))


async def has_shared_account(context: Context, payee: PayeeRow, number: str) -> bool:
    """Has another holder this account, in force or proposed? The caller holds `lock_account`, so that of two at once one sees the other."""
    holder = (col(PayeeRow.id), col(PayeeRow.kind), col(PayeeRow.organisation_id))
    keys = (account_digest(context, number), account_key(number))  # in clear until the worker has encrypted what was there before
    in_force = select(*holder).where(col(PayeeRow.account_key).in_(keys))
    proposed = (
        select(*holder)
        .join(AccountProposalRow, col(AccountProposalRow.payee_id) == col(PayeeRow.id))
        .where(col(AccountProposalRow.account_key).in_(keys), col(AccountProposalRow.state) == ProposalState.PROPOSED)
    )
    others = [Holder(*row) for query in (in_force, proposed) for row in await context.session.execute(query)]
    return is_shared(Holder(payee.id, payee.kind, payee.organisation_id), others)


async def open_proposal(context: Context, payee: PayeeRow) -> AccountProposalRow | None:
    """The account of this payee that waits for a second person."""
    query = select(AccountProposalRow).where(
        col(AccountProposalRow.payee_id) == payee.id, col(AccountProposalRow.state) == ProposalState.PROPOSED
    )
    return (await context.session.scalars(query)).one_or_none()


async def payee_of_proposal(context: Context, proposal_id: UUID) -> UUID:
    """`NotFound` 'unknown-proposal'."""
    query = select(col(AccountProposalRow.payee_id)).where(col(AccountProposalRow.id) == proposal_id)
    payee_id = await context.session.scalar(query)
    if payee_id is None:
        raise NotFound("unknown-proposal", "There is no such proposed account.")
    return payee_id


async def lock_open_proposal(context: Context, payee_id: UUID, proposal_id: UUID) -> tuple[PayeeRow, AccountProposalRow]:
    """An account of the payee that waits for a decision, with the payee, locked. `Conflict` 'proposal-decided'."""
    payee = await lock_row(context, PayeeRow, col(PayeeRow.id) == payee_id)
    assert payee is not None, "a proposal has a payee"
    proposal = await context.session.get_one(AccountProposalRow, proposal_id, populate_existing=True)
    authorise(context.actor, Permission.CONFIRM_ACCOUNT, region=payee.region)
    if proposal.state != ProposalState.PROPOSED:
        raise Conflict("proposal-decided", "The proposed account is {state}.", state=proposal.state)
    return payee, proposal


def policy_of_region(book: PolicyBook, region: str) -> Policy:
    """The region's latest policy, whatever the scheme. `Refused` 'unknown-region'."""
    policies = [policy for policy in book.all() if policy.region == region]
    if not policies:
        raise Refused("unknown-region", "There is no such region.", field="region")
    return max(policies, key=lambda policy: policy.effective_from)


def cooling_off(book: PolicyBook, region: str) -> timedelta:
    return timedelta(days=max(policy.approvals.account_cooling_off_days for policy in book.all() if policy.region == region))
