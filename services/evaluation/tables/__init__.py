"""The tables of evaluation. Every command locks the row of the call first, so all that happens to a call happens in one order."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.database.base import INSTANT


class Table(SQLModel, registry=registry()):
    """Base of this service's tables."""


class CallRow(Table, table=True):
    """A call, with what is known of its progress. The nonce leaves this table only with the approved list."""

    __tablename__ = "calls"
    __table_args__ = (
        CheckConstraint("selection_method IN ('ranking', 'first-come', 'draw')", name="selection_method"),
        CheckConstraint("envelope_minor > 0", name="envelope"),
        # A list without a commitment made beforehand could be drawn to order.
        CheckConstraint("(selection_method = 'first-come') = (nonce IS NULL) AND (nonce IS NULL) = (nonce_hash IS NULL)", name="nonce"),
        CheckConstraint("(eligible IS NULL) = (eligible_hash IS NULL)", name="screening"),
    )

    id: UUID = Field(primary_key=True)
    slug: str
    region: str
    scheme: str
    policy_id: str
    selection_method: str
    currency: str
    envelope_minor: int = Field(sa_type=BigInteger)
    opens_at: datetime = Field(sa_type=INSTANT)
    closes_at: datetime = Field(sa_type=INSTANT)
    evaluation_due_at: datetime = Field(sa_type=INSTANT)
    reserve_list_ends_at: datetime = Field(sa_type=INSTANT)
    nonce: str | None = None
    nonce_hash: str | None = None
    published_at: datetime = Field(sa_type=INSTANT)
    closed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    submitted: int | None = None
    eligible: int | None = None
    eligible_hash: str | None = None
    complete_at: datetime | None = Field(default=None, sa_type=INSTANT)
    next_sequence: int = 1
    overdue_at: datetime | None = Field(default=None, sa_type=INSTANT)
    appeals_over_at: datetime | None = Field(default=None, sa_type=INSTANT)
    reserve_ended_at: datetime | None = Field(default=None, sa_type=INSTANT)
    released_at: datetime | None = Field(default=None, sa_type=INSTANT)


class TurnRow(Table, table=True):
    """A place in the queue of a first-come call. Two applications in one place, or one in two, would jump the queue."""

    __tablename__ = "turns"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'eligible', 'ineligible', 'withdrawn')", name="state"),
        CheckConstraint("sequence > 0", name="sequence"),
        UniqueConstraint("application_id", name="one_turn_per_application"),
    )

    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    sequence: int = Field(primary_key=True)
    application_id: UUID
    state: str


class CaseRow(Table, table=True):
    """An eligible application. Results are hundredths of a point; `failed_rules` is empty when all thresholds were met."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("call_id", "sequence", name="one_case_per_sequence"),
        # Two cases with one rank: the cut-off would depend on who is read first.
        UniqueConstraint("call_id", "rank", name="one_case_per_rank"),
        CheckConstraint("amount_minor >= 0 AND requested_minor >= 0", name="amounts"),
        CheckConstraint("total_hundredths BETWEEN 0 AND 10000", name="total"),
        # Half a result could be ranked.
        CheckConstraint(
            "(completed_at IS NULL) = (total_hundredths IS NULL) AND (completed_at IS NULL) = (criteria IS NULL)"
            " AND (completed_at IS NULL) = (failed_rules IS NULL)",
            name="result_is_whole",
        ),
        Index("ix_cases_call", "call_id"),
        Index("ix_cases_list", "region", "sequence", "application_id"),
    )

    application_id: UUID = Field(primary_key=True)
    call_id: UUID = Field(foreign_key="calls.id")
    region: str
    sequence: int
    submitted_at: datetime = Field(sa_type=INSTANT)
    organisation_id: UUID
    requested_minor: int = Field(sa_type=BigInteger)
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    policy_id: str
    language: str
    topics: list[str] = Field(sa_type=JSONB)
    relations: list[str] = Field(sa_type=JSONB)
    opened_at: datetime = Field(sa_type=INSTANT)
    withdrawn_at: datetime | None = Field(default=None, sa_type=INSTANT)
    overdue_at: datetime | None = Field(default=None, sa_type=INSTANT)
    divergent: bool = False
    completed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    total_hundredths: int | None = None
    criteria: dict[str, int] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    failed_rules: list[str] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    score_sheets: int = 0
    rank: int | None = None


class EvaluatorRow(Table, table=True):
    """An outside expert in one region. `relations` are kind → keyed hashes: compared, never read; `relations_since` says of each hash
    since when (ISO instant) it is known. Hashes from before this was kept stand in `relations` alone."""

    __tablename__ = "evaluators"

    region: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    languages: list[str] = Field(sa_type=JSONB)
    topics: list[str] = Field(sa_type=JSONB)
    relations: dict[str, list[str]] = Field(sa_type=JSONB)
    relations_since: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSONB, server_default="{}", nullable=False))
    registered_by: str
    registered_at: datetime = Field(sa_type=INSTANT)


ACTIVE = "state IN ('assigned', 'declared', 'scored')"


class AssignmentRow(Table, table=True):
    """One evaluator on one case, with the score sheet once it is in."""

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint("state IN ('assigned', 'declared', 'scored', 'recused', 'void')", name="state"),
        CheckConstraint("seat > 0", name="seat"),
        # The same person twice on a case, or again after a recusal.
        UniqueConstraint("application_id", "evaluator_id", name="one_assignment_per_evaluator"),
        # Two people in one place: a case with more sheets than the policy asks for.
        Index("one_active_per_seat", "application_id", "seat", unique=True, postgresql_where=text(ACTIVE)),
        # A sheet that is there in part, or scored without a declaration.
        CheckConstraint(
            "(state = 'scored') = (total_points IS NOT NULL) AND (state = 'scored') = (scores IS NOT NULL)"
            " AND (state = 'scored') = (scored_at IS NOT NULL)",
            name="sheet_is_whole",
        ),
        CheckConstraint("state NOT IN ('declared', 'scored') OR declared_at IS NOT NULL", name="declared_before_scored"),
        CheckConstraint("total_points BETWEEN 0 AND 100", name="points"),
        ForeignKeyConstraint(["region", "evaluator_id"], ["evaluators.region", "evaluators.id"]),
        Index("ix_assignments_evaluator", "evaluator_id"),
        Index("ix_assignments_call", "call_id"),
        Index("ix_assignments_list", "region", "due_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    application_id: UUID = Field(foreign_key="cases.application_id")
    call_id: UUID
    region: str
    evaluator_id: str
    seat: int
    state: str
    assigned_at: datetime = Field(sa_type=INSTANT)
    due_at: datetime = Field(sa_type=INSTANT)
    declared_at: datetime | None = Field(default=None, sa_type=INSTANT)
    conflict_kind: str | None = None
    scored_at: datetime | None = Field(default=None, sa_type=INSTANT)
    scores: dict[str, int] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    total_points: int | None = None
    comment: str = ""


class RankingRow(Table, table=True):
    """The approved list of a call, byte for byte as it was hashed. Its key stops a second approval."""

    __tablename__ = "rankings"

    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    list_hash: str
    list_text: str
    seed: str
    approved_by: str
    approved_at: datetime = Field(sa_type=INSTANT)
    outcomes: dict[str, str] = Field(sa_type=JSONB)


class DecisionRow(Table, table=True):
    """A decision on a case; `superseded_at` ends it. `released_minor` is what of an award has gone back to the envelope."""

    __tablename__ = "decisions"
    __table_args__ = (
        # Two decisions in force: an award and a refusal of one application (invariant 4).
        Index("one_decision_in_force", "application_id", unique=True, postgresql_where=text("superseded_at IS NULL")),
        UniqueConstraint("application_id", "number", name="decisions_are_numbered"),
        UniqueConstraint("application_id", "grant_number", name="grants_are_numbered"),
        CheckConstraint("outcome IN ('granted', 'reserve', 'refused')", name="outcome"),
        CheckConstraint("(outcome = 'granted') = (award_id IS NOT NULL)", name="award"),
        CheckConstraint("(award_id IS NULL) = (grant_number IS NULL) AND (award_id IS NULL) = (voucher_id IS NULL)", name="award_is_whole"),
        CheckConstraint("(outcome = 'refused') = (rules <> '[]'::jsonb)", name="refusal_has_a_reason"),
        # A refusal is the end; only a place on the reserve list and an award that was not funded give way.
        CheckConstraint("superseded_at IS NULL OR outcome = 'reserve' OR (outcome = 'granted' AND not_funded)", name="what_may_end"),
        # More given back than was awarded would let the reserve list overspend.
        CheckConstraint("released_minor BETWEEN 0 AND amount_minor", name="released"),
        Index("ix_decisions_call", "call_id"),
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
    not_funded: bool = False
    decided_at: datetime = Field(sa_type=INSTANT)
    superseded_at: datetime | None = Field(default=None, sa_type=INSTANT)
