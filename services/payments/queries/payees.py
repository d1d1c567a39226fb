"""Payees and their accounts: for those who set them, for those who confirm them, and masked for those who only read."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, CompoundSelect, or_, select
from sqlmodel import col

from services.payments.domain.states import PayeeKind, ProposalState
from services.payments.domain.status import AttemptState, PaymentEvent, next_state
from services.payments.queries.filters import matching
from services.payments.queries.views import AccountVersionView, AccountView, PayeeView, ProposalView
from services.payments.tables import AccountProposalRow, AttemptRow, ClaimRow, DisbursementRow, PayeeAccountRow, PayeeRow, VoucherRow
from shared.database.scope import in_scope
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import NotFound
from shared.messaging.context import Context
from shared.web.access_log import record_access
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


async def list_own_accounts(context: Context, paging: Paging, region: str | None) -> Page[PayeeView]:
    """The accounts of the caller's organisation, whole."""
    scope = in_scope(context.actor, Permission.READ_OWN_ACCOUNT, region, PayeeRow, owner=PayeeRow.organisation_id)
    return await _page(context, paging, scope, PayeeKind.BENEFICIARY)


async def list_providers(context: Context, paging: Paging, region: str | None) -> Page[PayeeView]:
    """Providers with their whole accounts, for those who set them."""
    scope = in_scope(context.actor, Permission.READ_ACCOUNT_NUMBERS, region, PayeeRow)
    page = await _page(context, paging, scope, PayeeKind.PROVIDER)
    await record_access(context, Permission.READ_ACCOUNT_NUMBERS, [(payee.payee_id, payee.region) for payee in page.items])
    return page


async def payee_view(context: Context, payee: PayeeRow) -> PayeeView:
    return (await _views(context, [payee]))[0]


async def list_accounts(context: Context, paging: Paging, wanted: AccountFilter) -> Page[AccountView]:
    """The accounts in force, masked."""
    row = PayeeRow
    criteria = matching(organisation=(row.organisation_id, wanted.organisation_id), kind=(row.kind, wanted.kind))
    scope = in_scope(context.actor, Permission.READ_PAYMENTS, wanted.region, row)
    page = await page_of(context.session, select(row).where(scope, *criteria), paging, AccountView.of)
    await record_access(context, Permission.READ_PAYMENTS, [(account.payee_id, account.region) for account in page.items])
    return page


async def account_history(context: Context, payee_id: UUID) -> list[AccountVersionView]:
    """Every account that the payee has had, masked, the first one first. `NotFound` 'unknown-payee'."""
    payee = await context.session.get(PayeeRow, payee_id)
    if payee is None:
        raise NotFound("unknown-payee", "There is no such payee.", field="payee_id")
    authorise(context.actor, Permission.READ_PAYMENTS, region=payee.region)
    await record_access(context, Permission.READ_PAYMENTS, [(payee.id, payee.region)])
    query = select(PayeeAccountRow).where(col(PayeeAccountRow.payee_id) == payee_id).order_by(col(PayeeAccountRow.version))
    return [AccountVersionView.of(row) for row in await context.session.scalars(query)]


async def list_proposals(context: Context, paging: Paging, region: str | None) -> Page[ProposalView]:
    """Accounts that wait for a second person, with the whole number: it is compared with a document."""
    scope = in_scope(context.actor, Permission.READ_ACCOUNT_NUMBERS, region, AccountProposalRow)
    page = await page_of(context.session, select(AccountProposalRow).where(scope, _OPEN), paging, ProposalView.of)
    await record_access(context, Permission.READ_ACCOUNT_NUMBERS, [(proposal.payee_id, proposal.region) for proposal in page.items])
    return page


def vouchers_paid_to(payee_id: UUID) -> CompoundSelect[UUID]:
    """The vouchers of which a claim names the payee, or a payment was prepared to it, in whatever state. A next attempt may go to another
    payee than the claim names."""
    claimed = select(col(ClaimRow.voucher_id)).where(col(ClaimRow.payee_id) == payee_id)
    prepared = (
        select(col(DisbursementRow.voucher_id))
        .join(AttemptRow, col(AttemptRow.disbursement_id) == col(DisbursementRow.id))
        .where(col(AttemptRow.payee_id) == payee_id)
    )
    return claimed.union(prepared)


async def cases_of_payee(context: Context, payee: PayeeRow) -> list[UUID]:
    """Those of which a claim or a payment names the payee, and those of the organisation that it is: all hands in them count."""
    own = col(VoucherRow.organisation_id) == payee.organisation_id
    query = select(col(VoucherRow.application_id)).where(or_(own, col(VoucherRow.id).in_(vouchers_paid_to(payee.id))))
    return list(await context.session.scalars(query))


async def _page(context: Context, paging: Paging, scope: ColumnElement[bool], kind: PayeeKind) -> Page[PayeeView]:
    query = select(PayeeRow).where(scope, col(PayeeRow.kind) == kind)
    page = await page_of(context.session, query, paging, lambda found: found)
    return page.with_items(await _views(context, page.items))


async def _views(context: Context, payees: Sequence[PayeeRow]) -> list[PayeeView]:
    query = select(AccountProposalRow).where(col(AccountProposalRow.payee_id).in_([payee.id for payee in payees]), _OPEN)
    waiting = {row.payee_id: row for row in await context.session.scalars(query)}
    return [PayeeView.of(payee, waiting.get(payee.id)) for payee in payees]
