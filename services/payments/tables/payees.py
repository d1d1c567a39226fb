"""Payees and their accounts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.payments.domain.states import PayeeKind
from services.payments.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import written_once

_WHOLE_ACCOUNT = ("payee_id", "version", "name", "account_number", "set_by", "set_at")


class PayeeRow(Table, table=True):
    """A payee. `account_set_by` registered or changed the account in use; `cooling_off_until` is the
    end of its cooling-off.
    """

    __tablename__ = "payees"
    __table_args__ = (
        Index("ix_payees_list", "region", "account_set_at", "id"),
        CheckConstraint(one_of("kind", PayeeKind), name="known_kind"),
        CheckConstraint("kind = 'provider' OR organisation_id IS NOT NULL", name="beneficiary_is_an_organisation"),
        # Stops a change of the account in use that no version records, and that approvals would not have seen.
        ForeignKeyConstraint(
            ["id", "account_version", "name", "account_number", "account_set_by", "account_set_at"],
            [f"payee_accounts.{name}" for name in _WHOLE_ACCOUNT],
            name="account_in_use_is_recorded",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    region: str
    organisation_id: UUID | None = Field(default=None, index=True)
    name: str
    account_number: str
    address: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    account_version: int = 1
    account_set_by: str
    account_set_at: datetime = Field(sa_type=INSTANT)
    cooling_off_until: datetime | None = instant()


class PayeeAccountRow(Table, table=True):
    """Every account that a payee has had: an approval names the version that it approved."""

    __tablename__ = "payee_accounts"
    __table_args__ = (UniqueConstraint(*_WHOLE_ACCOUNT, name="whole_account"), written_once())

    payee_id: UUID = Field(sa_column=Column(ForeignKey("payees.id"), primary_key=True))
    version: int = Field(primary_key=True)
    name: str
    account_number: str
    set_by: str
    set_at: datetime = Field(sa_type=INSTANT)
