"""/payees"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.payments.api.dependencies import PayeeReader, PayeeRegistrar
from services.payments.api.schemas import AccountInput, PayeeInput
from services.payments.commands.change_account import change_account
from services.payments.commands.register_payee import NewPayee, register_payee
from services.payments.domain.states import PayeeKind
from services.payments.queries import payees
from services.payments.queries.views import PayeeView
from shared.web.auth import api_router
from shared.web.paging import Page, Paging

router = api_router("payees")


@router.post("/payees", status_code=201)
async def post_payee(context: PayeeRegistrar, body: PayeeInput) -> PayeeView:
    address = body.address.model_dump() if body.address else None
    new = NewPayee(body.kind, body.region, body.organisation_id, body.name, body.account.number, address)
    return PayeeView.of(await register_payee(context, new))


@router.put("/payees/{payee_id}/account")
async def put_payee_account(context: PayeeRegistrar, payee_id: UUID, body: AccountInput) -> PayeeView:
    return PayeeView.of(await change_account(context, payee_id, body.name, body.account.number))


@router.get("/payees")
async def list_payees(
    context: PayeeReader,
    paging: Annotated[Paging, Depends(payees.PAYEES)],
    region: str | None = None,
    organisation_id: UUID | None = None,
    kind: PayeeKind | None = None,
) -> Page[PayeeView]:
    return await payees.list_payees(context, paging, region, organisation_id, kind)
