"""The response models of orders. Amounts are minor units of `currency`; instants are programme time, UTC."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class OrderView(BaseModel):
    """An order of a service with a voucher. `provider_name`, `buyer`, `description` and `remark` are None once they are no longer kept.
    `draft_id`: the claim with its invoices, once it is redeemed; `claim_id`: once that is lodged."""

    order_id: UUID
    voucher_id: UUID
    region: str
    organisation_id: UUID
    provider_id: UUID
    provider_organisation_id: UUID
    provider_name: str | None
    service: str
    agreed_minor: int
    currency: str
    buyer: str | None
    description: str | None
    state: str
    remark: str | None
    placed_at: datetime
    answer_by: datetime | None
    answered_at: datetime | None
    redeemed_at: datetime | None
    draft_id: UUID | None
    claim_id: UUID | None
    invoiced_at: datetime | None
    confirmed_at: datetime | None
    ended_at: datetime | None
    replaces: UUID | None
    replaced_by: UUID | None
