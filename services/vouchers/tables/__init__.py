"""The tables of `vouchers`: vouchers, the dates of calls, single deadlines, and what makes a repetition harmless."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, FetchedValue, ForeignKey, Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.vouchers.domain.stages import AWAITS_PAYMENTS, Outcome, Stage
from shared.database.base import INSTANT


class Table(SQLModel, registry=registry()):
    """Base of the service's own tables."""


def _instant() -> Any:
    return Field(default=None, sa_type=INSTANT)


def _one_of(column: str, values: Iterable[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(value.value) for value in values)})"


class VoucherRow(Table, table=True):
    """One award's voucher from the request of its money to its end. Whoever changes it holds its lock: first come, first served."""

    __tablename__ = "vouchers"
    __table_args__ = (
        # A case granted again while its last voucher still holds money would be paid twice.
        Index("one_live_voucher", "application_id", unique=True, postgresql_where="state <> 'closed'"),
        Index("ix_vouchers_list", "region", "state"),
        Index("ix_vouchers_newest", "region", "created_at", "id"),
        Index("ix_vouchers_of_call", "call_id", "created_at", "id"),
        CheckConstraint(_one_of("state", Stage), name="known_state"),
        CheckConstraint(_one_of("outcome", Outcome), name="known_outcome"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at_the_end"),
        # Closed without saying how, or money given back for nothing.
        CheckConstraint("state NOT IN ('closed', 'releasing') OR outcome IS NOT NULL", name="every_end_has_an_outcome"),
        CheckConstraint("state <> 'offered' OR answer_by IS NOT NULL", name="offers_end"),
        # A voucher without a code or an end could be redeemed by nobody, or for ever.
        CheckConstraint("state NOT IN ('issued', 'claiming') OR issued_at IS NOT NULL", name="usable_when_issued"),
        CheckConstraint("num_nulls(issued_at, code, valid_until, claim_window_until) IN (0, 4)", name="issued_in_full"),
        CheckConstraint("valid_until <= claim_window_until", name="claims_follow_validity"),
        # A stale mark would blame payments for what a beneficiary, or nobody, has to do.
        CheckConstraint(
            f"overdue_since IS NULL OR overdue_since >= state_since AND {_one_of('state', AWAITS_PAYMENTS)}", name="overdue_while_awaited"
        ),
        CheckConstraint("amount_minor > 0 AND redeemed_minor >= 0 AND extensions >= 0", name="amounts_not_negative"),
    )

    id: UUID = Field(primary_key=True)
    award_id: UUID = Field(unique=True)
    application_id: UUID = Field(index=True)
    call_id: UUID
    region: str
    organisation_id: UUID = Field(index=True)
    scheme: str
    policy_id: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    state: str
    state_since: datetime = Field(sa_type=INSTANT)
    overdue_since: datetime | None = _instant()
    outcome: str | None = None
    code: str | None = Field(default=None, unique=True)
    redeemed_minor: int = Field(default=0, sa_type=BigInteger)
    extensions: int = 0
    created_at: datetime = Field(sa_type=INSTANT)
    offered_at: datetime | None = _instant()
    reminded_until: datetime | None = _instant()
    answer_by: datetime | None = _instant()
    answered_at: datetime | None = _instant()
    issued_at: datetime | None = _instant()
    valid_until: datetime | None = _instant()
    claim_window_until: datetime | None = _instant()
    suspended_at: datetime | None = _instant()
    claimed_at: datetime | None = _instant()
    settled_at: datetime | None = _instant()
    closed_at: datetime | None = _instant()

    @property
    def suspended(self) -> bool:
        return self.suspended_at is not None

    @property
    def claimed(self) -> bool:
        return self.claimed_at is not None


class ExtensionRow(Table, table=True):
    """One extension; the old dates stay. The key stops the same extension from being counted twice."""

    __tablename__ = "extensions"
    __table_args__ = (CheckConstraint("valid_until > previous_valid_until", name="extensions_go_forward"),)

    voucher_id: UUID = Field(sa_column=Column(ForeignKey("vouchers.id"), primary_key=True))
    number: int = Field(primary_key=True)
    previous_valid_until: datetime = Field(sa_type=INSTANT)
    previous_claim_window_until: datetime = Field(sa_type=INSTANT)
    valid_until: datetime = Field(sa_type=INSTANT)
    claim_window_until: datetime = Field(sa_type=INSTANT)
    extended_at: datetime = Field(sa_type=INSTANT)
    actor: str
    reason: str


class RedemptionRow(Table, table=True):
    """What was paid on a voucher, by attempt; the key stops one payment from being added twice."""

    __tablename__ = "redemptions"

    disbursement_id: UUID = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    voucher_id: UUID = Field(sa_column=Column(ForeignKey("vouchers.id"), nullable=False, index=True))
    amount_minor: int = Field(sa_type=BigInteger)
    returned: bool = False


class CallRow(Table, table=True):
    """A call, as far as its calendar needs it."""

    __tablename__ = "calls"

    id: UUID = Field(primary_key=True)
    region: str = Field(index=True)
    slug: str
    scheme: str
    selection_method: str
    policy_id: str
    ranking_approved_at: datetime | None = _instant()


class CallDateRow(Table, table=True):
    """A date of a call. The key stops a second announcement of the same date."""

    __tablename__ = "call_dates"
    __table_args__ = (
        CheckConstraint("reached_at IS NULL OR replaced_at IS NULL", name="reached_or_replaced"),
        CheckConstraint("reached_at >= due_at", name="never_reached_early"),
    )

    call_id: UUID = Field(sa_column=Column(ForeignKey("calls.id"), primary_key=True))
    kind: str = Field(primary_key=True)
    due_at: datetime = Field(sa_type=INSTANT, primary_key=True)
    reached_at: datetime | None = _instant()
    replaced_at: datetime | None = _instant()


class MilestoneRow(Table, table=True):
    """The deadline that runs, or last ran, for a subject. One of a kind at a time: a later one takes the place of the last.

    `set_at` is the moment of the event that set it, where the events that end it are of the same log.
    """

    __tablename__ = "milestones"
    __table_args__ = (CheckConstraint("reached_at IS NULL OR ended_at IS NULL", name="reached_or_ended"),)

    subject_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    case_id: UUID
    region: str
    policy_id: str
    due_at: datetime = Field(sa_type=INSTANT)
    set_at: datetime | None = _instant()
    reached_at: datetime | None = _instant()
    ended_at: datetime | None = _instant()


class BatchRow(Table, table=True):
    """A batch at the bank. `awaits` is what was sent (None: an answer came before BatchSent), `answered` what the bank spoke of."""

    __tablename__ = "batches"

    id: UUID = Field(primary_key=True)
    awaits: list[UUID] | None = Field(default=None, sa_type=ARRAY(Uuid))
    answered: list[UUID] = Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))


class StepRow(Table, table=True):
    """What a step of a workflow returned. The key stops the second effect of an activity that is repeated after a crash."""

    __tablename__ = "steps"

    workflow_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    name: str
    result: dict[str, Any] = Field(sa_type=JSONB)


class LateSignalRow(Table, table=True):
    """News for a workflow that has ended: recorded, not acted upon."""

    __tablename__ = "late_signals"

    event_id: UUID = Field(primary_key=True)
    workflow_id: str = Field(index=True)
    signal: str
    recorded_at: datetime | None = Field(default=None, sa_column=Column(INSTANT, server_default=FetchedValue(), nullable=False))
