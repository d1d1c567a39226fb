"""Payees, their accounts, and accounts that wait for a second person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, col

from services.payments.domain.accounts import account_key
from services.payments.domain.states import PROPOSAL_TRANSITIONS, PayeeKind, ProposalState
from services.payments.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed, written_once
from shared.database.states import guard_transitions
from shared.privacy.sealed import seal_columns, sealed

_WHOLE_ACCOUNT = ("payee_id", "version", "account_key", "set_by", "set_at")
_ENCRYPTED = "name account_number account_key"


class PayeeRow(Table, table=True):
    """A payee with the account in force; version 0 has none yet. `account_set_by` registered or proposed it; `cooling_off_until` is
    the end of its cooling-off. `account_key` is the keyed hash by which two spellings of one account are found. `subject_id`: the
    organisation, or the payee itself where it is none.
    """

    __tablename__ = "payees"
    __table_args__ = (
        Index("ix_payees_list", "region", "account_set_at", "id"),
        CheckConstraint(one_of("kind", PayeeKind), name="known_kind"),
        CheckConstraint("kind = 'provider' OR organisation_id IS NOT NULL", name="beneficiary_is_an_organisation"),
        CheckConstraint(
            "num_nulls(name, account_number, account_key) = CASE WHEN account_version = 0 THEN 3 ELSE 0 END", name="account_in_force"
        ),
        # Stops a change of the account in force that no version records, and that approvals would not have seen.
        ForeignKeyConstraint(
            ["id", "account_version", "account_key", "account_set_by", "account_set_at"],
            [f"payee_accounts.{name}" for name in _WHOLE_ACCOUNT],
            name="account_in_use_is_recorded",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        fixed("id kind region organisation_id subject_id"),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    region: str
    organisation_id: UUID | None = Field(default=None, index=True)
    subject_id: UUID = Field(index=True)
    name: str | None = sealed(nullable=True)
    account_number: str | None = sealed(nullable=True)
    account_key: str | None = Field(default=None, index=True)
    address: dict[str, Any] | None = sealed(nullable=True)
    account_version: int = 0
    account_set_by: str
    account_set_at: datetime = Field(sa_type=INSTANT)
    cooling_off_until: datetime | None = instant()


class PayeeAccountRow(Table, table=True):
    """Every account that a payee has had, never changed: an approval names the version that it approved. A trigger lets only what is in
    clear from before be encrypted.

    `confirmed_by` is None for a first registration that needed no second person. `in_force_at` is None for rows from before accounts
    were confirmed.
    """

    __tablename__ = "payee_accounts"
    __table_args__ = (UniqueConstraint(*_WHOLE_ACCOUNT, name="whole_account"), written_once(but=_ENCRYPTED))

    payee_id: UUID = Field(sa_column=Column(ForeignKey("payees.id"), primary_key=True))
    version: int = Field(primary_key=True)
    subject_id: UUID = Field(index=True)
    region: str
    name: str = sealed()
    account_number: str = sealed()
    account_key: str = ""
    set_by: str
    set_at: datetime = Field(sa_type=INSTANT)
    confirmed_by: str | None = None
    in_force_at: datetime | None = instant()


class AccountProposalRow(Table, table=True):
    """An account that waits for a second person, and what that person decided. `reason` is a `ProposalReason`.

    The index stops a second open proposal of one payee, the check a confirmation by the person who proposed.
    """

    __tablename__ = "account_proposals"
    __table_args__ = (
        Index("one_open_proposal", "payee_id", unique=True, postgresql_where=text("state = 'proposed'")),
        Index("ix_account_proposals_list", "region", "proposed_at", "id"),
        CheckConstraint(one_of("state", ProposalState), name="known_state"),
        CheckConstraint("num_nulls(decided_by, decided_at) = CASE WHEN state = 'proposed' THEN 2 ELSE 0 END", name="decided_by_somebody"),
        CheckConstraint("state <> 'confirmed' OR decided_by <> proposed_by", name="confirmed_by_another"),
        written_once(but=f"state decided_by decided_at {_ENCRYPTED}"),
    )

    id: UUID = Field(primary_key=True)
    payee_id: UUID = Field(sa_column=Column(ForeignKey("payees.id"), nullable=False))
    region: str
    subject_id: UUID = Field(index=True)
    name: str = sealed()
    account_number: str = sealed()
    account_key: str = Field(default="", index=True)
    reason: str
    state: str = ProposalState.PROPOSED
    proposed_by: str
    proposed_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = None
    decided_at: datetime | None = instant()


def _account_key(row: PayeeRow | PayeeAccountRow | AccountProposalRow) -> str | None:
    return None if row.account_number is None else account_key(row.account_number)


guard_transitions(col(AccountProposalRow.state), PROPOSAL_TRANSITIONS)
for table in (PayeeRow, PayeeAccountRow, AccountProposalRow):
    seal_columns(table, subject="subject_id", digests={"account_key": _account_key})
