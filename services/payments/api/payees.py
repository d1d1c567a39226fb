"""Payees and their accounts."""

from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import Depends
from pydantic import Field, model_validator

from services.payments.api.dependencies import Input
from services.payments.commands.change_account import change_account
from services.payments.commands.register_payee import PayeeInput, register_payee
from services.payments.queries import payees
from services.payments.queries.payees import Payee
from shared.identity.permissions import Permission
from shared.messaging.context import Context
from shared.web.auth import api_router, requires
from shared.web.paging import Page, Paging

router = api_router("payees")
Registrar = Annotated[Context, requires(Permission.REGISTER_PAYEE)]
Name = Annotated[str, Field(min_length=1, max_length=70, description="As the bank knows the holder of the account")]


class BankAccount(Input):
    """An IBAN, or in Denmark a BBAN: registration number (4 digits) and account number (10)."""

    iban: Annotated[str, Field(min_length=15, max_length=42)] | None = None
    bban: Annotated[str, Field(min_length=14, max_length=20)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.iban is None) == (self.bban is None):
            raise ValueError("give an IBAN or a BBAN")
        return self

    @property
    def number(self) -> str:
        return "".join((self.iban or self.bban or "").split()).upper()


class PostalAddress(Input):
    """Structured, or hybrid: town and country structured and at most two free lines."""

    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    town: Annotated[str, Field(min_length=1, max_length=35)]
    street: Annotated[str, Field(max_length=70)] = ""
    building: Annotated[str, Field(max_length=16)] = ""
    post_code: Annotated[str, Field(max_length=16)] = ""
    lines: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=70)], ...], Field(max_length=2)] = ()


class NewPayee(Input):
    kind: Literal["beneficiary", "provider"]
    region: Annotated[str, Field(max_length=80)]
    organisation_id: UUID | None = None
    name: Name
    account: BankAccount
    address: PostalAddress | None = None


class NewAccount(Input):
    name: Name | None = None
    account: BankAccount


@router.post("/payees", status_code=201)
async def post_payee(context: Registrar, body: NewPayee) -> Payee:
    address = body.address.model_dump() if body.address else None
    asked = PayeeInput(body.kind, body.region, body.organisation_id, body.name, body.account.number, address)
    return Payee.of(await register_payee(context, asked))


@router.put("/payees/{payee_id}/account")
async def put_account(context: Registrar, payee_id: UUID, body: NewAccount) -> Payee:
    return Payee.of(await change_account(context, payee_id, body.name, body.account.number))


@router.get("/payees")
async def list_payees(
    context: Registrar,
    paging: Annotated[Paging, Depends(payees.PAYEES)],
    region: str | None = None,
    organisation_id: UUID | None = None,
    kind: Literal["beneficiary", "provider"] | None = None,
) -> Page[Payee]:
    return await payees.list_payees(context, paging, region, organisation_id, kind)
