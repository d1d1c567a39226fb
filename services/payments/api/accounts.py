"""/accounts: read by those who see payments, and confirmed by a second person"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.payments.api.dependencies import AccountConfirmer, AccountNumberReader, PaymentReader
from services.payments.commands.confirm_account import confirm_account
from services.payments.commands.reject_account import reject_account
from services.payments.queries import payees
from services.payments.queries.payees import AccountFilter
from services.payments.queries.views import AccountVersionView, AccountView, ProposalView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("accounts", prefix="/accounts")


@router.get("")
async def list_accounts(
    context: PaymentReader, paging: Annotated[Paging, Depends(payees.PAYEES)], wanted: Annotated[AccountFilter, Query()]
) -> Page[AccountView]:
    return await payees.list_accounts(context, paging, wanted)


@router.get("/proposals")
async def list_account_proposals(
    context: AccountNumberReader, paging: Annotated[Paging, Depends(payees.PROPOSALS)], region: str | None = None
) -> Page[ProposalView]:
    return await payees.list_proposals(context, paging, region)


@router.post("/proposals/{proposal_id}/confirmation")
async def post_account_proposal_confirmation(context: AccountConfirmer, proposal_id: UUID) -> AccountView:
    return AccountView.of(await confirm_account(context, proposal_id))


@router.post("/proposals/{proposal_id}/rejection")
async def post_account_proposal_rejection(context: AccountConfirmer, proposal_id: UUID) -> AccountView:
    return AccountView.of(await reject_account(context, proposal_id))


@router.get("/{payee_id}/history")
async def get_account_history(context: PaymentReader, payee_id: UUID) -> list[AccountVersionView]:
    """Every account that the payee has had, who set it, and who confirmed it."""
    return await payees.account_history(context, payee_id)
