"""Calls that give no money, and what their vouchers count as aid."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index
from sqlmodel import Field, col

from services.payments.domain.state_aid import AID_TRANSITIONS, AidState
from services.payments.tables.base import Table, minor
from shared.database.base import INSTANT, one_of
from shared.database.privileges import fixed, written_once
from shared.database.states import guard_transitions


class CallWithoutMoneyRow(Table, table=True):
    """A call whose policy has `[benefit]` or `[expression]`: it has no envelope, and nothing of its vouchers is kept here."""

    __tablename__ = "calls_without_money"
    __table_args__ = (written_once(),)

    call_id: UUID = Field(primary_key=True)
    region: str
    policy_id: str


class AidInKindRow(Table, table=True):
    """What a voucher of hours or places counts as de minimis aid: its gross grant equivalent, in minor units and, at a rate that stays, EUR
    cents. As `AidEntryRow`, without money behind it."""

    __tablename__ = "aid_in_kind"
    __table_args__ = (
        CheckConstraint(one_of("state", AidState), name="known_state_of_aid_in_kind"),
        CheckConstraint("state <> 'granted' OR granted_on IS NOT NULL", name="aid_in_kind_granted_with_its_day"),
        CheckConstraint("(amount_minor = 0) = (state = 'released')", name="released_aid_in_kind_is_nothing"),
        CheckConstraint("amount_minor BETWEEN 0 AND awarded_minor AND eur_minor >= 0", name="aid_in_kind_not_above_award"),
        Index("ix_aid_in_kind_counted", "organisation_id", "member_state", postgresql_where="state <> 'released'"),
        fixed("voucher_id application_id call_id region organisation_id policy_id member_state currency awarded_minor rate_id per_euro"),
    )

    voucher_id: UUID = Field(primary_key=True)
    application_id: UUID
    call_id: UUID = Field(sa_column=Column(ForeignKey("calls_without_money.call_id"), nullable=False))
    region: str
    organisation_id: UUID
    policy_id: str
    member_state: str
    currency: str
    awarded_minor: int = minor()
    amount_minor: int = minor()
    eur_minor: int = minor()
    rate_id: str
    per_euro: str
    state: str
    reserved_at: datetime = Field(sa_type=INSTANT)
    granted_on: date | None = None


guard_transitions(col(AidInKindRow.state), AID_TRANSITIONS)
