"""Request bodies of orders."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool

from services.payments.api.catalogue_schemas import Text, Words
from services.payments.domain.catalogue import ServiceKind
from shared.web.schemas import Input, PositiveMinor


class OrderInput(Input):
    """`agreed_minor`: the whole price, VAT included, in the voucher's currency. `buyer`: who orders, as the provider reads it.
    `replaces`: an order whose provider left."""

    voucher_id: UUID
    provider_id: UUID
    service: ServiceKind
    agreed_minor: PositiveMinor
    buyer: Words
    description: Text
    replaces: UUID | None = None


class OrderReasonInput(Input):
    """The other side reads it."""

    reason: Text


class RedemptionInput(Input):
    """`code`: of the voucher, as the beneficiary shows it; any spelling."""

    code: Annotated[str, Field(min_length=1, max_length=40)]


class ConfirmationInput(Input):
    """`vat_recoverable`: the beneficiary gets the VAT of these invoices back from the tax office."""

    vat_recoverable: StrictBool
