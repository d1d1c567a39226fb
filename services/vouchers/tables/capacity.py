"""Offers that are not money: the places or minutes of calls in double entry, sessions, and who was there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index
from sqlmodel import Field, col

from services.vouchers.domain.bookings import BOOKING_TRANSITIONS, BookingState
from services.vouchers.domain.capacity import CapacityAccount, CapacityEntry
from services.vouchers.tables.base import Table
from shared.database.base import INSTANT, instant, one_of
from shared.database.privileges import fixed, written_once
from shared.database.states import guard_transitions
from shared.policy.benefit import Unit
from shared.privacy.sealed import about_subject, seal_columns, sealed


class CapacityRow(Table, table=True):
    """The running totals of a call's capacity, changed by one conditional statement. The checks stop overbooking, a total that was lowered
    twice, and units given before a second person has confirmed the capacity. `unit_value_minor`: gross grant equivalent of one unit."""

    __tablename__ = "capacities"
    __table_args__ = (
        CheckConstraint("reserved + committed + attended <= supplied", name="never_overbooked"),
        CheckConstraint("supplied > 0 AND reserved >= 0 AND committed >= 0 AND attended >= 0", name="units_not_negative"),
        CheckConstraint("NOT needs_confirmation OR confirmed_by IS NOT NULL OR reserved = 0", name="capacity_confirmed_before_use"),
        CheckConstraint("confirmed_by <> published_by", name="capacity_confirmed_by_another"),
        CheckConstraint("num_nulls(confirmed_by, confirmed_at) IN (0, 2)", name="capacity_confirmed_in_full"),
        CheckConstraint(one_of("unit", Unit), name="known_unit"),
        fixed("call_id region policy_id unit unit_value_minor needs_confirmation published_by"),
    )

    call_id: UUID = Field(sa_column=Column(ForeignKey("calls.id"), primary_key=True))
    region: str = Field(index=True)
    policy_id: str
    unit: str
    supplied: int = Field(sa_type=BigInteger)
    reserved: int = Field(default=0, sa_type=BigInteger)
    committed: int = Field(default=0, sa_type=BigInteger)
    attended: int = Field(default=0, sa_type=BigInteger)
    unit_value_minor: int = Field(sa_type=BigInteger)
    needs_confirmation: bool = False
    published_by: str | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = instant()

    @property
    def available(self) -> int:
        return self.supplied - self.reserved - self.committed - self.attended

    @property
    def awaits_confirmation(self) -> bool:
        return self.needs_confirmation and self.confirmed_by is None


class CapacityChangeRow(Table, table=True):
    """More capacity for a call: so many `vouchers`, which are `units`. An officer proposes it, finance confirms or refuses it, and an
    officer may take it back (`confirmed` is false). Its words are the agency's."""

    __tablename__ = "capacity_changes"
    __table_args__ = (
        Index("one_open_capacity_change", "call_id", unique=True, postgresql_where="decided_at IS NULL"),
        Index("ix_capacity_changes_list", "proposed_at", "id"),
        CheckConstraint("vouchers > 0 AND units > 0", name="more_capacity"),
        CheckConstraint("num_nulls(decided_by, decided_at, confirmed) IN (0, 3)", name="capacity_change_decided_in_full"),
        # Stops a change by one person alone.
        CheckConstraint("NOT confirmed OR decided_by <> proposed_by", name="capacity_change_confirmed_by_another"),
        fixed("id call_id region vouchers units unit reason proposed_by proposed_at"),
    )

    id: UUID = Field(primary_key=True)
    call_id: UUID = Field(sa_column=Column(ForeignKey("capacities.call_id"), nullable=False))
    region: str
    unit: str
    vouchers: int
    units: int = Field(sa_type=BigInteger)
    reason: str
    proposed_by: str
    proposed_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = None
    decided_at: datetime | None = instant()
    confirmed: bool | None = None


class CapacityEntryRow(Table, table=True):
    """One movement, from one account to another: both sides stand in one row, so that an entry is always balanced. Its id is derived from
    what moved, so that the same movement is not written twice."""

    __tablename__ = "capacity_entries"
    __table_args__ = (
        Index("ix_capacity_entries_call", "call_id", "position"),
        CheckConstraint("units > 0 AND source <> target", name="moves_units"),
        CheckConstraint(one_of("kind", CapacityEntry), name="known_entry"),
        CheckConstraint(one_of("source", CapacityAccount), name="known_source"),
        CheckConstraint(one_of("target", CapacityAccount), name="known_target"),
        CheckConstraint("(kind = 'supplied') = (voucher_id IS NULL)", name="of_a_voucher"),
        written_once(),
    )

    id: UUID = Field(primary_key=True)
    position: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), unique=True))
    call_id: UUID = Field(sa_column=Column(ForeignKey("capacities.call_id"), nullable=False))
    voucher_id: UUID | None = Field(default=None, sa_column=Column(ForeignKey("vouchers.id"), index=True))
    kind: str
    source: str
    target: str
    units: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=INSTANT)


class HoldingRow(Table, table=True):
    """What one voucher holds. `booked` is a part of `committed`: held by bookings. The checks stop more than was granted from being used,
    and more from being booked than is left."""

    __tablename__ = "holdings"
    __table_args__ = (
        CheckConstraint("reserved + committed + attended <= granted AND granted > 0", name="not_above_granted"),
        CheckConstraint("reserved >= 0 AND attended >= 0 AND booked BETWEEN 0 AND committed", name="booked_is_committed"),
        fixed("voucher_id call_id region organisation_id unit granted"),
    )

    voucher_id: UUID = Field(sa_column=Column(ForeignKey("vouchers.id"), primary_key=True))
    call_id: UUID
    region: str
    organisation_id: UUID
    unit: str
    granted: int = Field(sa_type=BigInteger)
    reserved: int = Field(default=0, sa_type=BigInteger)
    committed: int = Field(default=0, sa_type=BigInteger)
    booked: int = Field(default=0, sa_type=BigInteger)
    attended: int = Field(default=0, sa_type=BigInteger)

    @property
    def left(self) -> int:
        """Neither used up nor booked."""
        return self.committed - self.booked


class SessionRow(Table, table=True):
    """An hour with a mentor, a training or an event of a call. `mentor`: by function, never a name. `host_organisation_id`: whose members
    record who was there; None: officers of the region do. `taken` seats are changed under the session's lock."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_call", "call_id", "starts_at", "id"),
        Index("ix_sessions_host", "host_organisation_id", "starts_at"),
        Index("ix_sessions_list", "region", "starts_at", "id"),
        CheckConstraint("ends_at > starts_at", name="ends_after_it_begins"),
        CheckConstraint("seats > 0 AND taken BETWEEN 0 AND seats", name="seats_not_overbooked"),
        CheckConstraint("num_nulls(cancelled_at, cancelled_by, cancelled_reason) IN (0, 3)", name="session_cancelled_in_full"),
        fixed("id call_id region policy_id title place mentor starts_at ends_at seats host_organisation_id planned_by planned_at"),
    )

    id: UUID = Field(primary_key=True)
    call_id: UUID = Field(sa_column=Column(ForeignKey("capacities.call_id"), nullable=False))
    region: str
    policy_id: str
    title: str
    place: str
    mentor: str
    starts_at: datetime = Field(sa_type=INSTANT)
    ends_at: datetime = Field(sa_type=INSTANT)
    seats: int
    taken: int = 0
    host_organisation_id: UUID | None = None
    planned_by: str
    planned_at: datetime = Field(sa_type=INSTANT)
    cancelled_at: datetime | None = instant()
    cancelled_by: str | None = None
    cancelled_reason: str | None = None


class BookingRow(Table, table=True):
    """A seat of a session, booked with a voucher. `units_held` until it is decided, `units_used` then. `minutes`: of presence, as recorded
    or decided; `objection` is the beneficiary's word, and goes with the case."""

    __tablename__ = "bookings"
    __table_args__ = (
        # Stops two seats of one session for one voucher.
        Index("one_booking_of_a_session", "session_id", "voucher_id", unique=True, postgresql_where="state <> 'cancelled'"),
        Index("ix_bookings_to_confirm", "voucher_id", "confirm_by", postgresql_where="state = 'recorded'"),
        Index("ix_bookings_objected", "region", postgresql_where="state = 'objected'"),
        CheckConstraint(one_of("state", BookingState), name="known_booking_state"),
        CheckConstraint("units_held > 0 AND units_used BETWEEN 0 AND units_held", name="uses_what_it_holds"),
        CheckConstraint("minutes >= 0", name="minutes_not_negative"),
        # Stops a record of nobody, or one to which nobody could have objected.
        CheckConstraint(
            "num_nulls(minutes, recorded_by, recorded_at, confirm_by) = CASE WHEN state IN ('booked', 'cancelled') THEN 4 ELSE 0 END",
            name="recorded_by_somebody",
        ),
        fixed("id session_id voucher_id application_id call_id region organisation_id units_held booked_at"),
    )

    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(sa_column=Column(ForeignKey("sessions.id"), nullable=False, index=True))
    voucher_id: UUID = Field(sa_column=Column(ForeignKey("vouchers.id"), nullable=False, index=True))
    application_id: UUID = Field(index=True)
    call_id: UUID
    region: str
    organisation_id: UUID = Field(index=True)
    state: str = BookingState.BOOKED
    units_held: int
    units_used: int = 0
    booked_at: datetime = Field(sa_type=INSTANT)
    cancelled_at: datetime | None = instant()
    minutes: int | None = None
    recorded_by: str | None = None
    recorded_at: datetime | None = instant()
    confirm_by: datetime | None = instant()
    objection: str | None = sealed(nullable=True)
    decided_at: datetime | None = instant()
    decided_by: str | None = None


class CorrectionRow(Table, table=True):
    """One officer proposes that a record which stands was wrong; another one confirms or refuses it. `reason` goes with the case."""

    __tablename__ = "attendance_corrections"
    __table_args__ = (
        Index("one_open_correction", "booking_id", unique=True, postgresql_where="decided_at IS NULL"),
        CheckConstraint("minutes >= 0", name="corrected_minutes_not_negative"),
        CheckConstraint("num_nulls(decided_by, decided_at, confirmed) IN (0, 3)", name="correction_decided_in_full"),
        # Stops a correction by one person alone.
        CheckConstraint("NOT confirmed OR decided_by <> proposed_by", name="confirmed_by_another_officer"),
        fixed("id booking_id region organisation_id minutes proposed_by proposed_at"),
    )

    id: UUID = Field(primary_key=True)
    booking_id: UUID = Field(sa_column=Column(ForeignKey("bookings.id"), nullable=False, index=True))
    region: str
    organisation_id: UUID = Field(index=True)
    minutes: int
    reason: str | None = sealed(nullable=True)
    proposed_by: str
    proposed_at: datetime = Field(sa_type=INSTANT)
    decided_by: str | None = None
    decided_at: datetime | None = instant()
    confirmed: bool | None = None


guard_transitions(col(BookingRow.state), BOOKING_TRANSITIONS)
about_subject(HoldingRow, subject="organisation_id")
seal_columns(BookingRow, subject="organisation_id", was_plain=False)
seal_columns(CorrectionRow, subject="organisation_id", was_plain=False)
