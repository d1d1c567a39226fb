"""/providers: payees that finance registers"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from services.payments.api.dependencies import AccountNumberReader, ProviderManager
from services.payments.api.schemas import AccountInput, ProviderInput
from services.payments.commands.propose_account import propose_account
from services.payments.commands.register_payee import NewPayee, register_payee
from services.payments.domain.states import PayeeKind
from services.payments.queries import payees
from services.payments.queries.payees import payee_view
from services.payments.queries.views import PayeeView
from shared.web.auth import api_router
from shared.web.hash_key import HashKey
from shared.web.paging import Page, Paging

router = api_router("providers")


@router.post("/providers", status_code=201)
async def post_provider(context: ProviderManager, body: ProviderInput, hash_key: HashKey) -> PayeeView:
    """Of tax number, owners and address only keyed hashes are kept beside what a bank needs: they find a provider that is related to a
    beneficiary."""
    address = body.address.model_dump() if body.address else None
    new = NewPayee(PayeeKind.PROVIDER, body.region, body.organisation_id, body.name, body.account.number, address, body.relations(hash_key))
    return await payee_view(context, await register_payee(context, new))


@router.put("/providers/{payee_id}/account")
async def put_provider_account(context: ProviderManager, payee_id: UUID, body: AccountInput) -> PayeeView:
    """Proposes another account; the one in force stays until another finance officer confirms."""
    return await payee_view(context, await propose_account(context, payee_id, body.name, body.account.number))


@router.get("/providers")
async def list_providers(
    context: AccountNumberReader, paging: Annotated[Paging, Depends(payees.PAYEES)], region: str | None = None
) -> Page[PayeeView]:
    return await payees.list_providers(context, paging, region)
