"""Request bodies of vouchers."""

from typing import Annotated, Any

from pydantic import Field, StrictBool

from services.vouchers.domain.changes import ChangeKind, Wish
from shared.web.instants import Instant
from shared.web.schemas import Input, PositiveMinor, Reason

Words = Annotated[str, Field(min_length=1, max_length=4000)]


class ExtensionInput(Reason):
    """Validity is extended to the end of the local day of `valid_until`."""

    valid_until: Instant


class ChangeInput(Input):
    """`valid_until` of an extension: to the end of that local day. `provider` of a change of provider: its name. `amount_minor` of a
    smaller grant. Only the field of its kind counts, and that one is needed."""

    kind: ChangeKind
    explanation: Words
    valid_until: Instant | None = None
    provider: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    amount_minor: PositiveMinor | None = None

    def wish(self) -> Wish:
        return Wish(
            self.kind,
            self.valid_until if self.kind is ChangeKind.EXTENSION else None,
            self.provider if self.kind is ChangeKind.PROVIDER else None,
            self.amount_minor if self.kind is ChangeKind.AMOUNT else None,
        )


class ReportInput(Input):
    """Question → answer, as the question wants it; null removes one. `version`: of the report that was read, 0 for none."""

    version: Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
    answers: Annotated[dict[Annotated[str, Field(max_length=80)], Any], Field(max_length=100)]


class ChangeDecisionInput(Input):
    """`reason` is for the beneficiary, who reads it."""

    granted: StrictBool
    reason: Words
