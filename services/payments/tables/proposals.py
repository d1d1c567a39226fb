"""Acts of finance that two persons take together: the first proposes, the second decides. What each is about is never changed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field, col

from services.payments.domain.contradictions import OF_PAYMENTS, ProposedResolution
from services.payments.domain.envelope_changes import ChangeKind
from services.payments.domain.ledger import RegionEntryKind
from services.payments.domain.outcomes import UNKNOWN_AGAIN, ProvenOutcome
from services.payments.domain.states import PROPOSAL_TRANSITIONS, ProposalState
from services.payments.tables.base import Table, minor, refers
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import written_once
from shared.database.states import guard_transitions
from shared.files.clamav import ScanState
from shared.privacy.sealed import seal_columns, sealed

_DECISION = "state decided_by decided_at"


def _two_persons() -> tuple[CheckConstraint, ...]:
    """Stop a decision by nobody, and a confirmation by the person who proposed."""
    return (
        CheckConstraint(one_of("state", ProposalState), name="known_state"),
        CheckConstraint("num_nulls(decided_by, decided_at) = CASE WHEN state = 'proposed' THEN 2 ELSE 0 END", name="decided_by_somebody"),
        CheckConstraint("state <> 'confirmed' OR decided_by <> proposed_by", name="confirmed_by_another"),
    )


def _matches() -> tuple[CheckConstraint, ...]:
    """Stop a match to nothing or to two things. What is undone was matched to any of them, or to none."""
    of_payments = f"({one_of('resolution', OF_PAYMENTS)})"
    return (
        CheckConstraint(f"resolution = 'undone' OR {of_payments} = (disbursement_id IS NOT NULL)", name="matched_to_a_payment"),
        CheckConstraint("(disbursement_id IS NULL) = (attempt_id IS NULL)", name="matched_to_an_attempt"),
        CheckConstraint("resolution = 'undone' OR (resolution = 'recovery') = (recovery_id IS NOT NULL)", name="matched_to_a_recovery"),
    )


class LineProposalRow(Table, table=True):
    """What a person proposes to do with an unmatched line of the bank. `books`: the entry that its confirmation writes in the ledger
    of `books_region`, None for none, of `books_minor`, without it of the whole line. `disbursement_id` or
    `recovery_id`: what it is matched to;
    `attempt_id`: the attempt that the person saw, so that the line is not applied to a later one.

    The index stops a second open proposal of one line, the check a match to nothing or to two things.
    """

    __tablename__ = "line_proposals"
    __table_args__ = (
        Index("one_open_line_proposal", "line_id", unique=True, postgresql_where=text("state = 'proposed'")),
        CheckConstraint(one_of("resolution", ProposedResolution), name="known_resolution"),
        CheckConstraint(one_of("books", RegionEntryKind), name="known_booking"),
        CheckConstraint("(books IS NULL) = (books_region IS NULL)", name="booked_in_a_region"),
        *_matches(),
        *_two_persons(),
        written_once(but=_DECISION),
    )

    id: UUID = Field(primary_key=True)
    line_id: UUID = refers("bank_lines.id")
    resolution: str
    books: str | None = None
    books_region: str | None = None
    disbursement_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("disbursements.id")))
    attempt_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("attempts.id")))
    recovery_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("recoveries.id")))
    books_minor: int | None = Field(default=None, sa_type=BigInteger)
    reason: str
    state: str = ProposalState.PROPOSED
    proposed_by: str
    proposed_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = None
    decided_at: datetime | None = instant()


class LinePartRow(Table, table=True):
    """One of the parts into which a proposal splits a line, or one of the entries that it undoes: `amount_minor` of the line; else as in
    the proposal."""

    __tablename__ = "line_parts"
    __table_args__ = (
        UniqueConstraint("proposal_id", "number", name="one_part_per_number"),
        CheckConstraint(one_of("resolution", ProposedResolution), name="known_resolution"),
        CheckConstraint(one_of("books", RegionEntryKind), name="known_booking"),
        CheckConstraint("amount_minor > 0", name="of_something"),
        CheckConstraint("num_nulls(books, books_minor, books_region) IN (0, 3)", name="books_an_amount"),
        *_matches(),
        written_once(),
    )

    id: UUID = Field(primary_key=True)
    proposal_id: UUID = refers("line_proposals.id", index=False)
    number: int
    resolution: str
    amount_minor: int = minor()
    disbursement_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("disbursements.id")))
    attempt_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("attempts.id")))
    recovery_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("recoveries.id")))
    books: str | None = None
    books_minor: int | None = Field(default=None, sa_type=BigInteger)
    books_region: str | None = None


class OutcomeProofRow(Table, table=True):
    """A statement or letter of the bank that proves what became of a payment whose outcome is unknown, with its document. One with
    `undoes` has no document: it says that the confirmed one of this id is wrong, and the outcome is unknown again.

    The document is encrypted with the key of the organisation, and goes when the content of its case is removed.
    """

    __tablename__ = "outcome_proofs"
    __table_args__ = (
        Index("one_open_outcome_proof", "disbursement_id", unique=True, postgresql_where=text("state = 'proposed'")),
        CheckConstraint(one_of("outcome", (*ProvenOutcome, UNKNOWN_AGAIN)), name="known_outcome"),
        CheckConstraint(one_of("scan", (ScanState.CLEAN, ScanState.UNSCANNED)), name="not_infected"),
        CheckConstraint("undoes IS NOT NULL OR (document IS NULL) = (removed_at IS NOT NULL)", name="removed_or_whole"),
        CheckConstraint("(outcome = 'unknown') = (undoes IS NOT NULL)", name="unknown_again"),
        CheckConstraint(
            "num_nulls(media_type, size_bytes, sha256, scan) = CASE WHEN undoes IS NULL THEN 0 ELSE 4 END", name="with_its_document"
        ),
        *_two_persons(),
        written_once(but=f"{_DECISION} name document removed_at"),
    )

    id: UUID = Field(primary_key=True)
    disbursement_id: UUID = refers("disbursements.id")
    attempt_id: UUID = refers("attempts.id", index=False)
    organisation_id: UUID
    region: str
    outcome: str
    on: date
    bank_reference: str | None = None
    reason: str
    name: str | None = sealed(nullable=True)
    document: bytes | None = sealed(raw=True, nullable=True)
    media_type: str | None = None
    size_bytes: int | None = Field(default=None, sa_type=BigInteger)
    sha256: str | None = None
    scan: str | None = None
    undoes: UUID | None = Field(default=None, sa_column=Column(ForeignKey("outcome_proofs.id")))
    state: str = ProposalState.PROPOSED
    proposed_by: str
    proposed_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = None
    decided_at: datetime | None = instant()
    removed_at: datetime | None = instant()


class EnvelopeChangeRow(Table, table=True):
    """More money for an envelope, from outside (a top-up) or from another envelope (a transfer)."""

    __tablename__ = "envelope_changes"
    __table_args__ = (
        Index("ix_envelope_changes_list", "region", "proposed_at", "id"),
        CheckConstraint(one_of("kind", ChangeKind), name="known_kind"),
        CheckConstraint("(kind = 'transfer') = (from_call_id IS NOT NULL)", name="transfer_has_a_source"),
        CheckConstraint("from_call_id <> call_id", name="between_two_envelopes"),
        CheckConstraint("amount_minor > 0", name="moves_something"),
        *_two_persons(),
        written_once(but=_DECISION),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    call_id: UUID = refers("envelopes.call_id")
    from_call_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("envelopes.call_id"), index=True))
    region: str
    currency: str
    amount_minor: int = minor()
    reason: str
    state: str = ProposalState.PROPOSED
    proposed_by: str
    proposed_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = None
    decided_at: datetime | None = instant()


for table in (LineProposalRow, OutcomeProofRow, EnvelopeChangeRow):
    guard_transitions(col(table.state), PROPOSAL_TRANSITIONS)
seal_columns(OutcomeProofRow, subject="organisation_id")
