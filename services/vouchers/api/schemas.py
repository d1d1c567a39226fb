"""Request bodies of vouchers."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictBool, StringConstraints

from services.vouchers.domain.changes import ChangeKind, Wish
from shared.kernel.invoice_numbers import issuer_hash, typed_number
from shared.web.instants import Instant
from shared.web.schemas import Input, PositiveMinor, Reason

Words = Annotated[str, Field(min_length=1, max_length=4000)]
TaxNumber = Annotated[str, BeforeValidator(typed_number), Field(pattern=r"^[A-Za-z0-9 ./-]{4,30}$")]


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
