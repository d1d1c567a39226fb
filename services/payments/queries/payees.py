"""Payees and their accounts: for those who set them, for those who confirm them, and masked for those who only read."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlmodel import col

from services.payments.domain.accounts import AccountVersion, account_setters, permission_to_set
from services.payments.domain.states import PayeeKind, ProposalState
from services.payments.domain.status import AttemptState, PaymentEvent, next_state
from services.payments.queries.filters import matching
from services.payments.queries.views import AccountVersionView, AccountView, PayeeView, ProposalView
from services.payments.tables import AccountProposalRow, AttemptRow, PayeeAccountRow, PayeeRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.web.paging import Page, Paging, Sorting, page_of

PAYEES = Sorting({"account_set_at": PayeeRow.account_set_at, "region": PayeeRow.region}, unique=PayeeRow.id, default="-account_set_at")
PROPOSALS = Sorting({"proposed_at": AccountProposalRow.proposed_at}, unique=AccountProposalRow.id, default="proposed_at")
OPEN_ATTEMPTS = [state for state in AttemptState if next_state(state, PaymentEvent.ACCOUNT_CHANGED)]
"""The states in which a change of the account voids the approvals."""
_OPEN = col(AccountProposalRow.state) == ProposalState.PROPOSED


class AccountFilter(BaseModel):
    """None: any."""

    region: str | None = None
    organisation_id: UUID | None = None
    kind: PayeeKind | None = None


async def list_payees(context: Context, paging: Paging, kind: PayeeKind, region: str | None) -> Page[PayeeView]:
    """Payees of one kind with their whole accounts, for those who set them."""
    scope = in_scope(context.actor, permission_to_set(kind), region, PayeeRow, owner=PayeeRow.organisation_id)
    query = select(PayeeRow).where(scope, col(PayeeRow.kind) == kind)
    page = await page_of(context.session, query, paging, lambda found: found)
    return page.with_items(await _views(context, page.items))


async def payee_view(context: Context, payee: PayeeRow) -> PayeeView:
    return (await _views(context, [payee]))[0]


async def list_accounts(context: Context, paging: Paging, wanted: AccountFilter) -> Page[AccountView]:
    """The accounts in force, masked."""
    row = PayeeRow
    criteria = matching(organisation=(row.organisation_id, wanted.organisation_id), kind=(row.kind, wanted.kind))
    scope = in_scope(context.actor, Permission.READ_PAYMENTS, wanted.region, row)
    return await page_of(context.session, select(row).where(scope, *criteria), paging, AccountView.of)


async def account_history(context: Context, payee_id: UUID) -> list[AccountVersionView]:
    """Every account that the payee has had, masked, the first one first. `NotFound` 'unknown-payee'."""
    payee = await context.session.get(PayeeRow, payee_id)
    if payee is None:
        raise NotFound("unknown-payee", "There is no such payee.", field="payee_id")
    authorise(context.actor, Permission.READ_PAYMENTS, region=payee.region)
    query = select(PayeeAccountRow).where(col(PayeeAccountRow.payee_id) == payee_id).order_by(col(PayeeAccountRow.version))
    return [AccountVersionView.of(row) for row in await context.session.scalars(query)]


async def list_proposals(context: Context, paging: Paging, region: str | None) -> Page[ProposalView]:
    """Accounts that wait for a second person, with the whole number: it is compared with a document."""
    scope = in_scope(context.actor, Permission.CONFIRM_ACCOUNT, region, AccountProposalRow)
    return await page_of(context.session, select(AccountProposalRow).where(scope, _OPEN), paging, ProposalView.of)


async def setters(context: Context, payee_id: UUID) -> frozenset[str]:
    """All who set or confirmed the payee's account since it was last paid, and who proposed one that waits."""
    paid = (col(AttemptRow.payee_id) == payee_id, col(AttemptRow.state) == AttemptState.PAID)
    last_paid = await context.session.scalar(select(func.max(col(AttemptRow.account_version))).where(*paid))
    columns: Any = (col(PayeeAccountRow.version), col(PayeeAccountRow.set_by), col(PayeeAccountRow.confirmed_by))
    history = await context.session.execute(select(*columns).where(col(PayeeAccountRow.payee_id) == payee_id))
    waiting = select(col(AccountProposalRow.proposed_by)).where(col(AccountProposalRow.payee_id) == payee_id, _OPEN)
    in_force = account_setters([AccountVersion(*row) for row in history], last_paid or 0)
    return in_force | frozenset(await context.session.scalars(waiting))


async def preparers(context: Context, payee_id: UUID) -> frozenset[str]:
    """The persons who prepared the payee's payments that are not sealed yet."""
    query = select(col(AttemptRow.prepared_by)).where(col(AttemptRow.payee_id) == payee_id, col(AttemptRow.state).in_(OPEN_ATTEMPTS))
    return frozenset(await context.session.scalars(query))


async def _views(context: Context, payees: Sequence[PayeeRow]) -> list[PayeeView]:
    query = select(AccountProposalRow).where(col(AccountProposalRow.payee_id).in_([payee.id for payee in payees]), _OPEN)
    waiting = {row.payee_id: row for row in await context.session.scalars(query)}
    return [PayeeView.of(payee, waiting.get(payee.id)) for payee in payees]
