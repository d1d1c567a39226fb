"""The ledger of aid: de minimis aid by single undertaking, beside the ledger of money."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index
from sqlmodel import Field, col

from services.payments.domain.state_aid import AID_TRANSITIONS, AidState
from services.payments.tables.base import Table, minor
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed, written_once
from shared.database.states import guard_transitions


class AidEntryRow(Table, table=True):
    """The aid of one voucher, under the `regulation` that its policy names. The checks stop a grant without its day, and a released offer
    that still counts.

    `money_of`: the voucher again where the aid is money, which the entry then follows; None where it is hours or places, whose amount is
    their gross grant equivalent (Regulation (EU) 2023/2831, article 3(5)). What the ceiling refused of those is an entry that is released.
    `member_state` (ISO 3166) is that of the granting region. `awarded_minor` is the amount at first, `amount_minor` what it is now, and
    `eur_minor` the same in EUR cents at the rate `rate_id`, of which one euro is `per_euro` units. `granted_on` is the region's local day
    of the legal right; the register needs it by `register_by`. `registered_minor` is the amount with which a person entered it there.
    """

    __tablename__ = "aid_entries"
    __table_args__ = (
        CheckConstraint(one_of("state", AidState), name="known_state"),
        CheckConstraint("state <> 'granted' OR granted_on IS NOT NULL", name="granted_with_its_day"),
        CheckConstraint("(granted_on IS NULL) = (register_by IS NULL)", name="to_be_registered_when_granted"),
        CheckConstraint("(amount_minor = 0) = (state = 'released')", name="released_is_nothing"),
        CheckConstraint("awarded_minor > 0 AND amount_minor >= 0 AND eur_minor >= 0", name="amounts_not_negative"),
        CheckConstraint(
            "num_nulls(register_number, registered_on, registered_by, registered_at, registered_minor) IN (0, 5)", name="registered_in_full"
        ),
        CheckConstraint("registered_by IS NULL OR granted_on IS NOT NULL", name="registered_once_granted"),
        CheckConstraint("money_of = voucher_id", name="of_its_own_money"),
        Index("ix_aid_entries_counted", "organisation_id", "member_state", postgresql_where="state <> 'released'"),
        Index("ix_aid_entries_list", "region", "register_by", "voucher_id", postgresql_where="granted_on IS NOT NULL"),
        fixed(
            "voucher_id money_of application_id call_id region organisation_id policy_id member_state regulation currency awarded_minor "
            "rate_id per_euro"
        ),
    )

    voucher_id: UUID = Field(primary_key=True)
    money_of: UUID | None = Field(default=None, sa_column=Column(ForeignKey("vouchers.id")))
    application_id: UUID
    call_id: UUID
    region: str
    organisation_id: UUID
    policy_id: str
    member_state: str
    regulation: str
    currency: str
    awarded_minor: int = minor()
    amount_minor: int = minor()
    eur_minor: int = minor()
    rate_id: str
    per_euro: str
    state: str
    reserved_at: datetime = Field(sa_type=INSTANT)
    granted_on: date | None = None
    register_by: datetime | None = instant()
    register_number: str | None = None
    registered_on: date | None = None
    registered_by: str | None = None
    registered_at: datetime | None = instant()
    registered_minor: int | None = Field(default=None, sa_type=BigInteger)


class AidApplicantRow(Table, table=True):
    """What an application said when it was found eligible: whose it is, the class of its activity (NACE), and that its list of other aid is
    known here. `regulation`: under which that aid is."""

    __tablename__ = "aid_applicants"
    __table_args__ = (Index("ix_aid_applicants_organisation_id", "organisation_id"), written_once())

    application_id: UUID = Field(primary_key=True)
    organisation_id: UUID
    member_state: str
    regulation: str
    policy_id: str
    activity_code: str | None = None


class DeclaredAidRow(Table, table=True):
    """De minimis aid of another granter, as the application lists it: minor units of the currency of its call."""

    __tablename__ = "declared_aid"
    __table_args__ = (CheckConstraint("amount_minor >= 0", name="amount_not_negative"), written_once())

    application_id: UUID = Field(sa_column=Column(ForeignKey("aid_applicants.application_id"), primary_key=True))
    number: int = Field(primary_key=True)
    granted_on: date
    amount_minor: int = minor()
    currency: str


class UndertakingEdgeRow(Table, table=True):
    """An edge of the graph of undertakings: an organisation with the tax number it applies with, or a link that people publishes. Nodes as
    in `domain.undertakings`. `version` counts the changes of a link; an older one does not take a later one back."""

    __tablename__ = "undertaking_edges"
    __table_args__ = (
        CheckConstraint("one_node <> other_node", name="joins_two"),
        CheckConstraint("valid_until > valid_from", name="ends_after_its_beginning"),
        Index("ix_undertaking_edges_one_node", "one_node"),
        Index("ix_undertaking_edges_other_node", "other_node"),
        fixed("id one_node other_node kind"),
    )

    id: UUID = Field(primary_key=True)
    one_node: str
    other_node: str
    kind: str
    version: int = 1
    valid_from: date | None = None
    valid_until: date | None = None


guard_transitions(col(AidEntryRow.state), AID_TRANSITIONS)
