"""Decisions on cases."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.evaluation.tables.base import Table
from shared.database.base import INSTANT, one_of
from shared.database.privileges import written_once
from shared.kernel.vocabulary import DecisionOutcome


class DecisionRow(Table, table=True):
    """A decision on a case, in force until `superseded_at`. Of an invitation `amount_minor` is what it takes of the indicative budget.
    `released_minor` is the part of an award that went back to the envelope,
    `added_minor` what a change of the voucher took from it besides."""

    __tablename__ = "decisions"
    __table_args__ = (
        # Two decisions in force: an award and a refusal of one application (invariant 4).
        Index("one_decision_in_force", "application_id", unique=True, postgresql_where=text("superseded_at IS NULL")),
        UniqueConstraint("application_id", "number", name="decisions_are_numbered"),
        UniqueConstraint("application_id", "grant_number", name="grants_are_numbered"),
        CheckConstraint(one_of("outcome", DecisionOutcome), name="outcome"),
        CheckConstraint("(outcome = 'granted') = (award_id IS NOT NULL)", name="award"),
        CheckConstraint("(award_id IS NULL) = (grant_number IS NULL) AND (award_id IS NULL) = (voucher_id IS NULL)", name="award_is_whole"),
        CheckConstraint("(outcome = 'refused') = (rules <> '[]'::jsonb)", name="refusal_has_a_reason"),
        # A refusal is final; only a reserve-list decision and an award that was not funded may be superseded.
        CheckConstraint("superseded_at IS NULL OR outcome = 'reserve' OR (outcome = 'granted' AND not_funded)", name="what_may_end"),
        # More released than was awarded: the reserve list would overspend the envelope.
        CheckConstraint("released_minor BETWEEN 0 AND amount_minor + added_minor AND added_minor >= 0", name="released"),
        Index("ix_decisions_call", "call_id"),
        written_once(but="superseded_at released_minor added_minor not_funded"),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(foreign_key="cases.application_id")
    call_id: UUID
    number: int
    outcome: str
    rules: list[str] = Field(sa_type=JSONB)
    amount_minor: int = Field(sa_type=BigInteger)
    award_id: UUID | None = Field(default=None, unique=True)
    voucher_id: UUID | None = Field(default=None, unique=True)
    grant_number: int | None = None
    released_minor: int = Field(default=0, sa_type=BigInteger)
    added_minor: int = Field(default=0, sa_type=BigInteger)
    not_funded: bool = False
    decided_at: datetime = Field(sa_type=INSTANT)
    superseded_at: datetime | None = Field(default=None, sa_type=INSTANT)
