"""/payees: the own account of a beneficiary"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.payments.api.dependencies import OwnAccountHolder, OwnAccountReader
from services.payments.api.schemas import AccountInput, OwnAccountInput
from services.payments.commands.propose_account import propose_account
from services.payments.commands.register_payee import NewPayee, register_payee
from services.payments.domain.states import PayeeKind
from services.payments.queries import payees
from services.payments.queries.payees import payee_view
from services.payments.queries.views import PayeeView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("payees")


@router.post("/payees", status_code=201)
async def post_payee(context: OwnAccountHolder, body: OwnAccountInput) -> PayeeView:
    """The caller's organisation as a payee of the region."""
    address = body.address.model_dump() if body.address else None
    own = context.actor.organisation_id
    new = NewPayee(PayeeKind.BENEFICIARY, body.region, own, body.name, body.account.number, address)
    return await payee_view(context, await register_payee(context, new))


@router.put("/payees/{payee_id}/account")
async def put_payee_account(context: OwnAccountHolder, payee_id: UUID, body: AccountInput) -> PayeeView:
    """Proposes another account; the one in force stays until finance confirms."""
    return await payee_view(context, await propose_account(context, payee_id, body.name, body.account.number))


@router.get("/payees")
async def list_payees(
    context: OwnAccountReader, paging: Annotated[Paging, Depends(payees.PAYEES)], region: str | None = None
) -> Page[PayeeView]:
    return await payees.list_own_accounts(context, paging, region)
