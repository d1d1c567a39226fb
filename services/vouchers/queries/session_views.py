"""The response models of what is not money: capacities, sessions, bookings. Units are whole minutes or places."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.vouchers.domain.bookings import BookingState
from services.vouchers.tables import BookingRow, CorrectionRow, HoldingRow, SessionRow
from shared.policy.benefit import BenefitKind, Unit
from shared.policy.schema import Policy


class CapacityView(BaseModel):
    """What a call gives: `supplied` minutes or places, of which `reserved` are held for offers, `committed` for vouchers in use, `attended`
    are used up, and `available` can be given yet. `awaits_confirmation`: finance has to confirm it before anything is reserved.
    `open_change_id`: more is proposed, and finance has to confirm that."""

    model_config = ConfigDict(from_attributes=True)

    call_id: UUID
    region: str
    policy_id: str
    unit: Unit
    supplied: int
    reserved: int
    committed: int
    attended: int
    available: int
    needs_confirmation: bool
    awaits_confirmation: bool
    confirmed_by: str | None
    confirmed_at: datetime | None
    open_change_id: UUID | None = None


class SessionView(BaseModel):
    """`seats` in all, `free` of them. `unit`: in what vouchers of its call are counted. `mentor`: who leads it, by function. `zone`: of the
    region's dates; `as_of`: the programme's now."""

    id: UUID
    call_id: UUID
    region: str
    title: str
    place: str
    mentor: str
    starts_at: datetime
    ends_at: datetime
    minutes: int
    unit: Unit
    seats: int
    free: int
    host_organisation_id: UUID | None
    cancelled_at: datetime | None
    cancelled_reason: str | None
    zone: str
    as_of: datetime

    @classmethod
    def of(cls, row: SessionRow, policy: Policy, now: datetime) -> Self:
        known = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        minutes = int((row.ends_at - row.starts_at).total_seconds()) // 60
        assert policy.benefit is not None, "a session is of a scheme that gives no money"
        return cls(**known, minutes=minutes, unit=policy.benefit.unit, free=row.seats - row.taken, zone=policy.zone, as_of=now)


class AttendanceCorrectionView(BaseModel):
    """It waits for another officer than `proposed_by`."""

    model_config = ConfigDict(from_attributes=True)

    minutes: int
    reason: str | None
    proposed_by: str
    proposed_at: datetime


class BookingView(BaseModel):
    """A booking with its session. `units_held` until it is decided, `units_used` then, or if the record stands. `minutes`: of presence, 0
    for absence, None before it is recorded. `code_end`: the last signs of the voucher's code, by which a host knows participants apart; the
    organisation and the objection are None for the host. `confirm_by`: until when the beneficiary may object."""

    id: UUID
    session: SessionView
    voucher_id: UUID
    application_id: UUID
    call_id: UUID
    region: str
    organisation_id: UUID | None
    code_end: str
    state: BookingState
    units_held: int
    units_used: int
    booked_at: datetime
    cancelled_at: datetime | None
    minutes: int | None
    recorded_at: datetime | None
    recorded_by: str | None
    confirm_by: datetime | None
    objection: str | None
    decided_at: datetime | None
    correction: AttendanceCorrectionView | None

    @classmethod
    def of(
        cls, row: BookingRow, session: SessionView, code: str | None, correction: CorrectionRow | None, *, for_host: bool = False
    ) -> Self:
        hidden = {"organisation_id", "objection", "recorded_by"} if for_host else set()
        known = {name: None if name in hidden else getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        shown = AttendanceCorrectionView.model_validate(correction) if correction and not for_host else None
        return cls(**known, session=session, code_end=(code or "")[-6:], correction=shown)


class AttendanceView(BaseModel):
    """What a voucher of hours or places holds: `granted`, of which `left` can be booked, `booked` are held by bookings, `attended` are used
    up. `free_until_hours` before a session its booking can be cancelled without being used up."""

    voucher_id: UUID
    kind: BenefitKind
    unit: Unit
    granted: int
    left: int
    booked: int
    attended: int
    free_until_hours: int
    bookings: list[BookingView]

    @classmethod
    def of_holding(cls, row: HoldingRow, policy: Policy, bookings: list[BookingView]) -> Self:
        assert policy.benefit is not None, "a holding is of a scheme that gives no money"
        return cls(
            voucher_id=row.voucher_id, kind=policy.benefit.kind, unit=policy.benefit.unit, granted=row.granted, left=row.left,
            booked=row.booked, attended=row.attended, free_until_hours=policy.benefit.free_until_hours, bookings=bookings,
        )  # fmt: skip
