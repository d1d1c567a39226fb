"""Request bodies. Amounts are minor units of the voucher's currency."""

import re
import unicodedata
from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StringConstraints, model_validator

from services.payments.domain.bulk import MOST_AT_ONCE
from services.payments.domain.contradictions import OF_PAYMENTS, LineResolution, ProposedResolution
from services.payments.domain.line_parts import MOST_PARTS, Rest
from services.payments.domain.refused_files import FileAct
from services.payments.domain.related_parties import Key
from shared.classifications.identity_keys import spelled_hashes
from shared.contracts.common import Code, Currency
from shared.kernel.invoice_numbers import typed_number
from shared.kernel.money import MINOR_DIGITS
from shared.kernel.vocabulary import EvidenceKind, RelationKind
from shared.web.schemas import LARGEST_MINOR, Input, PositiveMinor, Reason

BankReference = Annotated[str, Field(min_length=1, max_length=35, pattern="^[A-Za-z0-9/?:().,'+-]+$")]
PaidCurrency = Annotated[str, Field(pattern=f"^({'|'.join(MINOR_DIGITS)})$")]
HolderName = Annotated[
    str,
    AfterValidator(lambda name: " ".join(name.split())),
    Field(min_length=1, max_length=70, description="As the bank knows the holder of the account"),
]


class EvidenceInput(Input):
    """A document kept elsewhere, by its hash. `issuer` is the tax number of who issued it, which an invoice must have; only a keyed hash
    of it is kept. `ordered_on`: on which day the thing was ordered that an invoice is for, where that matters."""

    kind: EvidenceKind
    reference: Annotated[str, Field(min_length=1, max_length=140)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    issued_on: date
    ordered_on: date | None = None
    amount_minor: Annotated[int, Field(strict=True, ge=0, le=LARGEST_MINOR)] = 0
    issuer: Annotated[str, Field(pattern=r"^[A-Za-z0-9 ./-]{4,30}$"), BeforeValidator(typed_number)] | None = None


class ClaimInput(Input):
    """`requested_minor` of aid on `eligible_minor` of expenditure."""

    voucher_id: UUID
    payee_id: UUID
    eligible_minor: PositiveMinor
    requested_minor: PositiveMinor
    evidence: Annotated[list[EvidenceInput], Field(min_length=1, max_length=50)]


class ClaimDraftInput(Input):
    voucher_id: UUID


class PayeeChoiceInput(Input):
    payee_id: UUID


_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=140)]
_Minor = Annotated[int, Field(strict=True, ge=0, le=LARGEST_MINOR)]


def _known_currency(code: str) -> str:
    if code not in MINOR_DIGITS:
        raise ValueError("not a currency of the programme")
    return code


class ClaimLineInput(Input):
    """An invoice. `net_minor` and `vat_minor` are in `currency`, `claimed_minor` is in the currency of the voucher. `vat_recoverable`: the
    beneficiary gets the VAT back from the tax office. `ordered_on` is needed of an invoice dated after the end of validity."""

    seller: _Words
    seller_tax_number: Annotated[str, Field(pattern=r"^[A-Za-z0-9 ./-]{4,30}$"), BeforeValidator(typed_number)]
    reference: _Words
    issued_on: date
    ordered_on: date | None = None
    delivered_on: date | None = None
    paid_on: date | None = None
    net_minor: _Minor
    vat_minor: _Minor = 0
    vat_recoverable: StrictBool
    currency: Annotated[Currency, AfterValidator(_known_currency)]
    claimed_minor: PositiveMinor


class ClaimHoursInput(Input):
    """Hours of one of the beneficiary's own people, in hundredths: the person's function, and the first and the last day of the work."""

    function: _Words
    worked_from: date
    worked_to: date
    hours_hundredths: Annotated[int, Field(strict=True, gt=0, le=1_000_000)]


class GuaranteeInput(Input):
    """Of a bank: its number, the amount in the voucher's currency, and the last day on which it holds."""

    reference: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./-]{0,34}$")]
    amount_minor: PositiveMinor
    valid_until: date


class AdvanceInput(Input):
    """An advance on a voucher, to this payee. `guarantee` where the rules of the voucher ask for one."""

    payee_id: UUID
    requested_minor: PositiveMinor
    guarantee: GuaranteeInput | None = None


class LineCheckInput(Input):
    """`cut_minor` 0 accepts the line; a cut has its reason, which the beneficiary reads."""

    cut_minor: _Minor
    reason: Annotated[str, Field(max_length=1000)] | None = None


class ReturnInput(Input):
    """`note` says to the beneficiary what to correct."""

    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class AcceptanceInput(Input):
    """Without `granted_minor` all that is requested is granted, or what the lines come to. `confirmed_lines`: the claim's `similar_lines`,
    each of them looked at."""

    granted_minor: PositiveMinor | None = None
    confirmed_lines: Annotated[list[Annotated[int, Field(strict=True, ge=1, le=50)]], Field(default_factory=list, max_length=50)]


class RejectionInput(Input):
    """`rules` are codes of the rules that the claim breaks; they go into the event."""

    rules: Annotated[list[Code], Field(min_length=1, max_length=20)]
    note: Annotated[str, Field(max_length=4000)] | None = None


class DisbursementInput(Input):
    claim_id: UUID


class ApprovalInput(Input):
    """`payment_hash` as in the disbursement that was read: an approval is of this payee, name, account and amount."""

    payment_hash: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class ItemInput(ApprovalInput):
    disbursement_id: UUID


class ApprovalsInput(Input):
    """`expected_minor`: the sum that the person saw of those that wait for an approval. When it is another one by now, none is approved."""

    items: Annotated[list[ItemInput], Field(min_length=1, max_length=MOST_AT_ONCE)]
    expected_minor: PositiveMinor
    currency: PaidCurrency


class NextAttemptInput(Input):
    """Without `payee_id` the same payee, whose account was corrected."""

    payee_id: UUID | None = None


class ResolutionInput(Input):
    """What the bank said of the line when it was asked; `confirmed` applies it."""

    resolution: LineResolution


class UploadConfirmationInput(Input):
    """`fingerprint` as in the preview that was read: the file does that, or nothing."""

    fingerprint: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _LineTarget(Input):
    """With 'matched' the payment that the line is about, with 'returned-in-part' also what became of the rest, with 'recovery' the recovery
    that it settles, else none of them."""

    resolution: ProposedResolution
    disbursement_id: UUID | None = None
    recovery_id: UUID | None = None
    rest: Rest | None = None

    @model_validator(mode="after")
    def _target(self) -> Self:
        in_part = self.resolution is ProposedResolution.RETURNED_IN_PART
        wanted = (self.resolution in OF_PAYMENTS, self.resolution is ProposedResolution.RECOVERY, in_part)
        if (self.disbursement_id is not None, self.recovery_id is not None, self.rest is not None) != wanted:
            raise ValueError("name the payment of a match or the recovery, and nothing else")
        return self


class LinePartInput(_LineTarget):
    """A part of a line that is split."""

    amount_minor: PositiveMinor


class LineProposalInput(_LineTarget, Reason):
    """With 'split' at least two parts, which add up to the line."""

    parts: Annotated[tuple[LinePartInput, ...], Field(max_length=MOST_PARTS)] = ()

    @model_validator(mode="after")
    def _split(self) -> Self:
        if bool(self.parts) != (self.resolution is ProposedResolution.SPLIT):
            raise ValueError("give the parts of a line that is split, and only of such a line")
        return self


class FileActInput(Reason):
    """What a person decides about a refused file of the bank."""

    act: FileAct


class EnvelopeChangeInput(Reason):
    """Without `from_call_id` the money comes from outside."""

    amount_minor: PositiveMinor
    from_call_id: UUID | None = None


class BatchesInput(Input):
    region: str


class ReportInput(Input):
    region: str


_BETWEEN = re.compile(r"[\s./:\-\u2010-\u2015\u00ad\u200b-\u200d\u2060\ufeff]")
_APART = re.compile(r"(\d{4})[\s.\-\u2010-\u2015]+(\d{4,10})")


class BankAccountInput(Input):
    """An IBAN, or in Denmark a BBAN: registration number (4 digits) and account number (10)."""

    iban: Annotated[str, Field(min_length=15, max_length=42)] | None = None
    bban: Annotated[str, Field(min_length=8, max_length=20)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.iban is None) == (self.bban is None):
            raise ValueError("give an IBAN or a BBAN")
        return self

    @property
    def number(self) -> str:
        """The compact form, by which it is kept. A Danish account number that is typed apart from its registration number may lack zeros at
        its beginning, as banks print it."""
        typed = unicodedata.normalize("NFKC", self.iban or self.bban or "").strip()
        apart = _APART.fullmatch(typed)
        number = f"{apart[1]}{apart[2]:0>10}" if apart and self.bban else typed
        return re.sub(r"^IBAN(?=[A-Z]{2}\d)", "", _BETWEEN.sub("", number).upper())


class AddressInput(Input):
    """Structured, or hybrid: town and country structured and at most two free lines."""

    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    town: Annotated[str, Field(min_length=1, max_length=35)]
    street: Annotated[str, Field(max_length=70)] = ""
    building: Annotated[str, Field(max_length=16)] = ""
    post_code: Annotated[str, Field(max_length=16)] = ""
    lines: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=70)], ...], Field(max_length=2)] = ()


class OwnAccountInput(Input):
    region: Annotated[str, Field(max_length=80)]
    name: HolderName
    account: BankAccountInput
    address: AddressInput | None = None


class ProviderInput(OwnAccountInput):
    """`organisation_id` where the provider is an organisation known here. `tax_number` and `owners`: a provider that has one in common
    with a beneficiary is not paid for its voucher."""

    organisation_id: UUID | None = None
    tax_number: Annotated[str, Field(pattern=r"^[A-Za-z0-9 ./-]{4,30}$"), BeforeValidator(typed_number)] | None = None
    owners: Annotated[tuple[HolderName, ...], Field(max_length=20)] = ()

    def relations(self, hash_key: bytes) -> list[Key]:
        """What may relate it to a beneficiary, hashed."""
        place = self.address
        named = [(RelationKind.OWNER, owner) for owner in (*self.owners, self.name)]  # it may be the beneficiary's owner itself
        named += [(RelationKind.TAX_NUMBER, self.tax_number), (RelationKind.OWNER, self.tax_number)] if self.tax_number else []
        if place is not None and place.street:
            parts = (place.street, place.building, place.post_code, place.town, place.country)
            named.append((RelationKind.ADDRESS, " ".join(part for part in parts if part)))
        return [(kind, value) for kind, text in named for value in spelled_hashes(hash_key, kind, text)]


class AccountInput(Input):
    """Without `name` the holder stays the same."""

    name: HolderName | None = None
    account: BankAccountInput


class SettlementInput(Input):
    """`bank_reference`: the bank's own reference of the credit, from the statement (AcctSvcrRef)."""

    bank_reference: BankReference


class AidRegistrationInput(Input):
    """`number`: the register's own of the entry. `registered_on`: the day on which it was made there."""

    number: Annotated[str, Field(min_length=1, max_length=60, pattern="^[A-Za-z0-9 ._/:-]+$")]
    registered_on: date


class RecoveryInput(Reason):
    voucher_id: UUID
    amount_minor: PositiveMinor
