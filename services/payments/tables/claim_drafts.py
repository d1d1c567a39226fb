"""Claims as the beneficiary prepares them: drafts, their lines and documents, and the lines as they were lodged."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index
from sqlmodel import Field

from services.payments.tables.base import Table, minor, refers
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import removable, written_once
from shared.files.clamav import ScanState
from shared.privacy.sealed import about_subject, seal_columns, sealed

_HOURS = "(hours_hundredths IS NULL) = (worked_from IS NULL) AND hours_hundredths > 0 AND worked_from <= issued_on"


class ClaimDraftRow(Table, table=True):
    """What a beneficiary prepares. `claim_id` is the claim that it was lodged as last; it may be changed while there is none, or when that
    one was returned or rejected. A voucher has one draft that was never lodged, so that two persons of an organisation work on the same.
    """

    __tablename__ = "claim_drafts"
    __table_args__ = (
        Index("one_open_draft", "voucher_id", unique=True, postgresql_where="claim_id IS NULL AND discarded_at IS NULL"),
        Index("ix_claim_drafts_voucher", "voucher_id"),
        CheckConstraint("claim_id IS NULL OR discarded_at IS NULL", name="lodged_is_kept"),
        written_once(but="payee_id claim_id discarded_at"),
    )

    id: UUID = Field(primary_key=True)
    voucher_id: UUID = refers("vouchers.id", index=False)
    organisation_id: UUID = Field(index=True)
    region: str
    payee_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("payees.id")))
    claim_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("claims.id"), unique=True))
    begun_at: datetime = Field(sa_type=INSTANT)
    discarded_at: datetime | None = instant()


class DraftLineRow(Table, table=True):
    """A line of a draft, an invoice. `number` counts the lines as they were begun; `currency` is that of the invoice.

    With `hours_hundredths` it is hours of one person: `function`, from `worked_from` to `issued_on`, and no seller."""

    __tablename__ = "claim_draft_lines"
    __table_args__ = (
        Index("one_line_per_number", "draft_id", "number", unique=True),
        CheckConstraint("net_minor >= 0 AND vat_minor >= 0 AND claimed_minor > 0", name="amounts_of_a_line"),
        CheckConstraint(_HOURS, name="hours_with_their_days"),
        removable(
            changing="seller seller_tax_number reference issued_on ordered_on delivered_on paid_on net_minor vat_minor vat_recoverable "
            "currency claimed_minor function worked_from hours_hundredths"
        ),
    )

    id: UUID = Field(primary_key=True)
    draft_id: UUID = refers("claim_drafts.id", index=False)
    organisation_id: UUID = Field(index=True)
    region: str
    number: int
    seller: str | None = sealed(nullable=True)
    seller_tax_number: str | None = sealed(nullable=True)
    reference: str | None = sealed(nullable=True)
    issued_on: date
    ordered_on: date | None = None
    delivered_on: date | None = None
    paid_on: date | None = None
    net_minor: int = minor()
    vat_minor: int = minor()
    vat_recoverable: bool
    currency: str
    claimed_minor: int = minor()
    function: str | None = sealed(nullable=True)
    worked_from: date | None = None
    hours_hundredths: int | None = None


class ClaimLineRow(Table, table=True):
    """A line of a claim, as it was lodged, and what an officer cut of it: `cut_minor` is None before somebody has looked at it. The words
    may become empty, when the content of the case is removed."""

    __tablename__ = "claim_lines"
    __table_args__ = (
        CheckConstraint("net_minor >= 0 AND vat_minor >= 0 AND claimed_minor > 0", name="amounts_of_a_claimed_line"),
        CheckConstraint(_HOURS, name="claimed_hours_with_their_days"),
        CheckConstraint("cut_minor BETWEEN 0 AND claimed_minor", name="cut_was_claimed"),
        CheckConstraint("num_nulls(cut_minor, checked_by, checked_at) IN (0, 3)", name="check_has_a_person"),
        written_once(but="seller seller_tax_number reference function cut_minor cut_reason checked_by checked_at"),
    )

    claim_id: UUID = Field(sa_column=Column(ForeignKey("claims.id"), primary_key=True))
    number: int = Field(primary_key=True)
    organisation_id: UUID = Field(index=True)
    region: str
    seller: str | None = sealed(nullable=True)
    seller_tax_number: str | None = sealed(nullable=True)
    reference: str | None = sealed(nullable=True)
    issued_on: date
    ordered_on: date | None = None
    delivered_on: date | None = None
    paid_on: date | None = None
    net_minor: int = minor()
    vat_minor: int = minor()
    vat_recoverable: bool
    currency: str
    claimed_minor: int = minor()
    function: str | None = sealed(nullable=True)
    worked_from: date | None = None
    hours_hundredths: int | None = None
    cut_minor: int | None = Field(default=None, sa_type=BigInteger)
    cut_reason: str | None = sealed(nullable=True)
    checked_by: str | None = None
    checked_at: datetime | None = instant()


class ClaimFileRow(Table, table=True):
    """A document at a line of a draft. Its content is in the store of files, under this id, encrypted with the key of the organisation;
    `sha256` is of the content, `stored_sha256` of what is in the store.

    `lodged`: a claim names it. From `removed_at` on it is no longer at the line; a claim may still name it. From `deleted_at` on its
    content is to go from the store, and has gone once `gone`; its name goes at once.
    """

    __tablename__ = "claim_files"
    __table_args__ = (
        Index("ix_claim_files_draft", "draft_id"),
        Index("ix_claim_files_to_delete", "id", postgresql_where="deleted_at IS NOT NULL AND NOT gone"),
        CheckConstraint("size_bytes > 0", name="ck_claim_files_size"),
        CheckConstraint(one_of("scan", (ScanState.CLEAN, ScanState.UNSCANNED)), name="ck_claim_files_scan"),  # an infected one is not kept
        CheckConstraint("(name IS NULL) = (deleted_at IS NOT NULL)", name="ck_claim_files_name"),
        CheckConstraint("NOT gone OR deleted_at IS NOT NULL", name="ck_claim_files_gone"),
        CheckConstraint("removed_at IS NULL OR lodged OR deleted_at IS NOT NULL", name="ck_claim_files_removed"),
        written_once(but="name lodged removed_at deleted_at gone"),
    )

    id: UUID = Field(primary_key=True)
    draft_id: UUID = refers("claim_drafts.id", index=False)
    line_id: UUID
    organisation_id: UUID
    region: str
    kind: str
    name: str | None = sealed(nullable=True)
    media_type: str
    size_bytes: int = Field(sa_type=BigInteger)
    sha256: str
    stored_sha256: str
    scan: str
    uploaded_by: str
    uploaded_at: datetime = Field(sa_type=INSTANT)
    lodged: bool = False
    removed_at: datetime | None = instant()
    deleted_at: datetime | None = instant()
    gone: bool = False


about_subject(ClaimDraftRow, subject="organisation_id")
for _row in (DraftLineRow, ClaimLineRow, ClaimFileRow):
    seal_columns(_row, subject="organisation_id", was_plain=False)
