"""Request bodies of vouchers."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, StrictBool, StringConstraints

from services.vouchers.domain.changes import ChangeKind, Wish
from shared.kernel.invoice_numbers import issuer_hash, typed_number
from shared.web.instants import Instant
from shared.web.schemas import Input, PositiveMinor, Reason

Words = Annotated[str, Field(min_length=1, max_length=4000)]
TaxNumber = Annotated[str, Field(pattern=r"^[A-Za-z0-9 ./-]{4,30}$"), BeforeValidator(typed_number)]


class ExtensionInput(Reason):
    """Validity is extended to the end of the local day of `valid_until`."""

    valid_until: Instant


class ChangeInput(Input):
    """`valid_until` of an extension: to the end of that local day. `provider` of a change of provider: its name, with
    `provider_tax_number`, by which its invoices are known. `amount_minor` of another amount. Only the fields of its kind count, and
    those are needed."""

    kind: ChangeKind
    explanation: Words
    valid_until: Instant | None = None
    provider: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    provider_tax_number: TaxNumber | None = None
    amount_minor: PositiveMinor | None = None

    def wish(self, hash_key: bytes) -> Wish:
        if self.kind is ChangeKind.PROVIDER:
            number = self.provider_tax_number
            return Wish(self.kind, None, self.provider, number, number and issuer_hash(hash_key, number))
        return Wish(
            self.kind,
            self.valid_until if self.kind is ChangeKind.EXTENSION else None,
            amount_minor=self.amount_minor if self.kind is ChangeKind.AMOUNT else None,
        )


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Minutes = Annotated[int, Field(strict=True, ge=0, le=24 * 60)]


class SessionInput(Input):
    """`mentor`: who leads it, by function and without a name. `host_organisation_id`: whose members record who was there; null: officers of
    the region."""

    title: Line
    place: Line
    mentor: Line
    starts_at: Instant
    ends_at: Instant
    seats: Annotated[int, Field(strict=True, gt=0, le=1000)]
    host_organisation_id: UUID | None = None


class CapacityChangeInput(Input):
    """So many vouchers more. `reason`: for finance, who reads it."""

    vouchers: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class CapacityDecisionInput(Input):
    confirmed: StrictBool


class SessionCancellationInput(Input):
    """`reason` is read by who booked."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class BookingInput(Input):
    session_id: UUID


class AttendanceInput(Input):
    """`minutes` of presence, 0 for absence. `code`: of the voucher, as the participant shows it; needed for presence."""

    minutes: Minutes
    code: Annotated[str, Field(max_length=40)] | None = None


class ObjectionInput(Input):
    words: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class MinutesInput(Input):
    """How long the participant was there; 0: absent without having cancelled."""

    minutes: Minutes


class CorrectionInput(MinutesInput):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class CorrectionDecisionInput(Input):
    confirmed: StrictBool


class ReportReturnInput(Input):
    """`note` says to the beneficiary what is missing."""

    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class ReportInput(Input):
    """Question → answer, as the question wants it; null removes one. `version`: of the report that was read, 0 for none."""

    version: Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
    answers: Annotated[dict[Annotated[str, Field(max_length=80)], Any], Field(max_length=100)]


class ChangeDecisionInput(Input):
    """`reason` is for the beneficiary, who reads it."""

    granted: StrictBool
    reason: Words
