"""Services that beneficiaries order with their vouchers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index
from sqlmodel import Field, col

from services.payments.domain.states import ORDER_TRANSITIONS, OrderState
from services.payments.tables.base import Table, minor, refers
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed
from shared.database.states import guard_transitions
from shared.privacy.sealed import seal_columns, sealed

_LIVE = "state IN ('placed', 'accepted', 'redeemed', 'invoiced')"


class OrderRow(Table, table=True):
    """An order of a service with a voucher. `agreed_minor`: the whole price, VAT included, in the voucher's currency. `buyer`: who orders,
    as the provider reads it. `remark`: why it was declined, or what the beneficiary objects to.

    `answer_by`: until then the provider may accept. `redeemed_at`: the provider has delivered and shown the voucher's code; from then on
    `draft_id` is the claim with its invoices, which the beneficiary lodges when it confirms. `replaces`: the order that was re-routed.
    The index stops a second order on a voucher at the same time.
    """

    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_list", "region", "placed_at", "id"),
        Index("one_live_order", "voucher_id", unique=True, postgresql_where=_LIVE),
        Index("one_order_per_draft", "draft_id", unique=True),
        CheckConstraint(one_of("state", OrderState), name="known_state"),
        CheckConstraint("agreed_minor > 0", name="costs_something"),
        CheckConstraint("organisation_id <> provider_organisation_id", name="two_parties"),
        CheckConstraint("num_nulls(redeemed_at, redeemed_by, draft_id) IN (0, 3)", name="redeemed_by_somebody"),
        CheckConstraint("state NOT IN ('redeemed', 'invoiced', 'confirmed') OR redeemed_at IS NOT NULL", name="invoiced_once_redeemed"),
        CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_has_a_time"),
        CheckConstraint("num_nulls(confirmed_at, confirmed_by) IN (0, 2)", name="confirmed_by_somebody"),
        fixed("id voucher_id call_id region organisation_id provider_id provider_organisation_id service agreed_minor replaces"),
    )

    id: UUID = Field(primary_key=True)
    voucher_id: UUID = refers("vouchers.id")
    call_id: UUID
    region: str
    organisation_id: UUID = Field(index=True)
    provider_id: UUID = refers("providers.id")
    provider_organisation_id: UUID = Field(index=True)
    service: str
    agreed_minor: int = minor()
    buyer: str | None = sealed(nullable=True)
    description: str | None = sealed(nullable=True)
    state: str = OrderState.PLACED
    remark: str | None = sealed(nullable=True)
    placed_by: str
    placed_at: datetime = Field(sa_type=INSTANT)
    answer_by: datetime | None = instant()
    answered_at: datetime | None = instant()
    redeemed_by: str | None = None
    redeemed_at: datetime | None = instant()
    draft_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("claim_drafts.id")))
    invoiced_at: datetime | None = instant()
    confirmed_by: str | None = None
    confirmed_at: datetime | None = instant()
    ended_at: datetime | None = instant()
    replaces: UUID | None = Field(default=None, sa_column=Column(ForeignKey("orders.id")))


guard_transitions(col(OrderRow.state), ORDER_TRANSITIONS)
seal_columns(OrderRow, subject="organisation_id", was_plain=False)
