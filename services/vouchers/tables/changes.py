"""Requests of beneficiaries for a change of their voucher."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index
from sqlmodel import Field, col

from services.vouchers.domain.changes import CHANGE_TRANSITIONS, ChangeKind, ChangeState
from services.vouchers.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed
from shared.database.states import guard_transitions
from shared.privacy.sealed import seal_columns, sealed


class ChangeRow(Table, table=True):
    """One request and its decision. The words of people are encrypted; they may become empty, when the term of the case is over.

    `provider_hash` is the keyed hash of the provider's tax number; None in requests from before it was asked for. `in_force_at`: since when
    a granted one counts. `previous_minor`: the amount before. `refused_rule`, `limit_minor`: why payments could not book another amount.
    """

    __tablename__ = "changes"
    __table_args__ = (
        # Stops the same wish from being decided twice.
        Index("one_open_change", "voucher_id", "kind", unique=True, postgresql_where="state IN ('open', 'approved')"),
        Index("ix_changes_list", "region", "requested_at", "id"),
        Index("ix_changes_open", "region", "requested_at", "id", postgresql_where="state = 'open'"),
        CheckConstraint(one_of("kind", ChangeKind), name="known_kind"),
        CheckConstraint(one_of("state", ChangeState), name="known_state"),
        # Stops a decision of nobody, or one without its moment.
        CheckConstraint("num_nulls(decided_by, decided_at) = CASE WHEN state = 'open' THEN 2 ELSE 0 END", name="decided_by_somebody"),
        CheckConstraint("(kind = 'extension') = (valid_until IS NOT NULL)", name="extension_has_a_date"),
        CheckConstraint("(kind = 'amount') = (amount_minor IS NOT NULL)", name="amount_has_a_sum"),
        CheckConstraint("state <> 'approved' OR kind = 'amount'", name="only_money_waits"),
        CheckConstraint("in_force_at IS NULL OR state = 'granted'", name="granted_is_in_force"),
        CheckConstraint("(refused_rule IS NULL) = (limit_minor IS NULL)", name="refused_with_its_bound"),
        fixed(
            "id voucher_id application_id call_id region organisation_id kind valid_until provider_hash amount_minor requested_by"
            " requested_at"
        ),
    )

    id: UUID = Field(primary_key=True)
    voucher_id: UUID = Field(sa_column=Column(ForeignKey("vouchers.id"), nullable=False, index=True))
    application_id: UUID = Field(index=True)
    call_id: UUID
    region: str
    organisation_id: UUID = Field(index=True)
    kind: str
    state: str = ChangeState.OPEN
    explanation: str | None = sealed(nullable=True)
    valid_until: datetime | None = instant()
    provider: str | None = sealed(nullable=True)
    provider_tax_number: str | None = sealed(nullable=True)
    provider_hash: str | None = None
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    previous_minor: int | None = Field(default=None, sa_type=BigInteger)
    requested_by: str
    requested_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = None
    decided_at: datetime | None = instant()
    in_force_at: datetime | None = instant()
    refused_rule: str | None = None
    limit_minor: int | None = Field(default=None, sa_type=BigInteger)
    reason: str | None = sealed(nullable=True)


guard_transitions(col(ChangeRow.state), CHANGE_TRANSITIONS)
seal_columns(ChangeRow, subject="organisation_id", was_plain=False)
