"""Claims and their evidence."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from services.payments.domain.instalments import ClaimKind
from services.payments.domain.states import CLAIM_TRANSITIONS
from services.payments.tables.base import Table, minor, refers
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed, written_once
from shared.database.states import guard_transitions
from shared.kernel.invoice_numbers import number_key
from shared.kernel.vocabulary import ClaimState
from shared.privacy.sealed import seal_columns, sealed


class ClaimRow(Table, table=True):
    """A request for payment. The checks stop a grant above the request, and an acceptance of nothing.

    Of a claim with lines: `draft_id` is the draft that it was lodged from, `before_minor` what was claimed of the voucher before it, and
    `remainder_minor` what earlier roundings left (`domain/remainders.py`; None where it was not counted yet): its sums are computed from
    them. `value_minor`: what the voucher was worth then; None in claims from before it could change. `replaces`: the claim that was
    returned and that this one corrects. `correct_by`: of a returned one. `prepared`: it has its disbursement, or nothing of it is to be
    paid. Of an accepted claim `settled_minor` is settled against the advance, `retained_minor` kept for the balance; `own_minor` of the
    deposit pays the provider beside it.
    """

    __tablename__ = "claims"
    __table_args__ = (
        Index("ix_claims_list", "region", "lodged_at", "id"),
        Index("ix_claims_lodged", "region", "check_by", "id", postgresql_where=text("state = 'lodged'")),
        CheckConstraint(one_of("state", ClaimState), name="known_state"),
        CheckConstraint("requested_minor BETWEEN 1 AND eligible_minor", name="requested_is_eligible"),
        CheckConstraint("granted_minor BETWEEN 1 AND requested_minor", name="granted_was_requested"),
        CheckConstraint("state <> 'accepted' OR (granted_minor IS NOT NULL AND pay_by IS NOT NULL)", name="accepted_says_how_much"),
        CheckConstraint("state <> 'returned' OR correct_by IS NOT NULL", name="returned_says_until_when"),
        # A payment of what was not accepted.
        CheckConstraint("NOT prepared OR state = 'accepted'", name="prepared_is_accepted"),
        Index("ix_claims_to_prepare", "region", "decided_at", postgresql_where=text("state = 'accepted' AND NOT prepared")),
        # Parts of a grant that are more than it, and parts of what is no expenditure.
        CheckConstraint(one_of("kind", ClaimKind), name="known_kind"),
        CheckConstraint(
            "settled_minor >= 0 AND retained_minor >= 0 AND settled_minor + retained_minor <= coalesce(granted_minor, 0)",
            name="parts_of_the_grant",
        ),
        CheckConstraint("kind = 'expenditure' OR settled_minor + retained_minor = 0", name="parts_of_expenditure"),
        CheckConstraint("own_minor >= 0 AND (kind = 'expenditure' OR own_minor = 0)", name="own_part_of_expenditure"),
        # A second advance, and a balance that is paid twice.
        Index("one_advance", "voucher_id", unique=True, postgresql_where=text("kind = 'advance' AND state IN ('lodged', 'accepted')")),
        Index("one_balance", "voucher_id", unique=True, postgresql_where=text("kind = 'balance'")),
        # One correction of a claim.
        Index("one_claim_replaces", "replaces", unique=True),
        fixed(
            "id voucher_id organisation_id region call_id payee_id eligible_minor requested_minor lodged_at draft_id before_minor replaces"
            " value_minor remainder_minor kind"
        ),
    )

    id: UUID = Field(primary_key=True)
    voucher_id: UUID = refers("vouchers.id")
    organisation_id: UUID = Field(index=True)
    region: str
    call_id: UUID = Field(index=True)
    payee_id: UUID = refers("payees.id")
    state: str
    eligible_minor: int = minor()
    requested_minor: int = minor()
    granted_minor: int | None = Field(default=None, sa_type=BigInteger)
    lodged_at: datetime = Field(sa_type=INSTANT)
    check_by: datetime = Field(sa_type=INSTANT)
    overdue: bool = False
    decided_at: datetime | None = instant()
    decided_by: str | None = None
    pay_by: datetime | None = instant()
    rules: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    note: str | None = sealed(nullable=True)
    draft_id: UUID | None = Field(default=None, index=True)
    before_minor: int | None = Field(default=None, sa_type=BigInteger)
    remainder_minor: int | None = Field(default=None, sa_type=BigInteger)
    value_minor: int | None = Field(default=None, sa_type=BigInteger)
    replaces: UUID | None = Field(default=None, sa_column=Column(ForeignKey("claims.id")))
    correct_by: datetime | None = instant()
    prepared: bool = False
    kind: str = ClaimKind.EXPENDITURE
    settled_minor: int = minor(0)
    retained_minor: int = minor(0)
    own_minor: int = minor(0)

    @property
    def payable_minor(self) -> int:
        """What is paid by its own disbursement: of the grant, and of the deposit."""
        return (self.granted_minor or 0) - self.settled_minor - self.retained_minor + self.own_minor


class EvidenceRow(Table, table=True):
    """A document that a claim rests on, by hash. While its claim is not rejected (`live`), no other claim of the
    organisation may use it.

    `number_key` is a keyed hash of the reference, `issuer_hash` one of the issuer's tax number, both as `domain/invoices.py` compares them;
    older ones are hashes of other spellings (decision 0021). Reference and
    `number_key` may become empty (a trigger lets them do nothing else), when the content of the case is removed. `line` and `file_id`: of
    a document that was given at a line.
    """

    __tablename__ = "claim_evidence"
    __table_args__ = (
        Index("one_claim_per_document", "organisation_id", "sha256", unique=True, postgresql_where=text("live")),
        Index("ix_claim_evidence_sha256", "sha256", postgresql_where=text("live")),
        Index("ix_claim_evidence_invoice", "number_key", "amount_minor", postgresql_where=text("live")),
        Index("ix_claim_evidence_issuer", "issuer_hash", postgresql_where=text("live")),
        written_once(but="live reference number_key"),
    )

    claim_id: UUID = Field(sa_column=Column(ForeignKey("claims.id"), primary_key=True))
    number: int = Field(primary_key=True)
    organisation_id: UUID = Field(index=True)
    region: str
    kind: str
    reference: str | None = sealed(nullable=True)
    sha256: str
    issued_on: date
    amount_minor: int = minor()
    number_key: str | None = None
    issuer_hash: str | None = None
    live: bool = True
    line: int | None = None
    file_id: UUID | None = Field(default=None, index=True)


guard_transitions(col(ClaimRow.state), CLAIM_TRANSITIONS)
seal_columns(ClaimRow, subject="organisation_id")
seal_columns(EvidenceRow, subject="organisation_id", digests={"number_key": lambda row: row.reference and number_key(row.reference)})
