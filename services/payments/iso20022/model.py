"""A payment batch as the payment file needs it, and the references that lead from the bank's answers back to our own ids."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from services.payments.iso20022.profiles import BankProfile
from shared.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Account:
    """`number` is an IBAN, or a Danish BBAN: registration number (4 digits) and account number (10). Spaces are ignored."""

    number: str

    @property
    def compact(self) -> str:
        return "".join(self.number.split()).upper()

    @property
    def is_iban(self) -> bool:
        return self.compact[:2].isalpha()

    def is_same(self, other: "Account") -> bool:
        """Also where one is written as IBAN and the other as the number within it, with its check digits (Poland) or without (Denmark),
        with signs between its parts, or without the zeros that fill a Danish number up."""
        return self._plain in other._spellings or other._plain in self._spellings

    @property
    def _plain(self) -> str:
        return "".join(letter for letter in self.compact if letter.isalnum())

    @property
    def _spellings(self) -> tuple[str, ...]:
        plain = self._plain
        if not self.is_iban:
            return (plain,)
        unfilled = plain[4:8] + plain[8:].lstrip("0") if plain.startswith("DK") else plain
        return plain, plain[2:], plain[4:], unfilled


@dataclass(frozen=True, slots=True)
class Address:
    """Structured, or hybrid: town and country structured and at most two free `lines` (EPC, since 15 November 2026)."""

    country: str
    town: str
    street: str = ""
    building: str = ""
    post_code: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Party:
    """The holder of an account, with the name as the bank knows it (Verification of Payee compares it)."""

    name: str
    account: Account
    bic: str | None = None
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class CreditTransfer:
    """One attempt to pay one disbursement, the `number`-th. `remittance` is what the payee reads on the statement, up to 140 characters."""

    disbursement_id: UUID
    attempt_id: UUID
    amount: Money
    payee: Party
    remittance: str
    number: int


class Addresses(StrEnum):
    """Which parts of a payee's address the bank wants."""

    NONE = "none"
    STRUCTURED = "structured"
    HYBRID = "hybrid"


@dataclass(frozen=True, slots=True)
class OrderForm:
    """How the debtor's bank wants an order. `charge_bearer` None: as the scheme has it. `initiating_id`: the number under which it knows
    who orders, issued by `initiating_issuer`."""

    message: str = "pain.001.001.09"
    charge_bearer: str | None = None
    initiating_id: str | None = None
    initiating_issuer: str | None = None
    addresses: Addresses = Addresses.HYBRID


@dataclass(frozen=True, slots=True)
class BatchFile:
    """All that the bytes of a file depend on. `sealed_at` is an aware instant; `execution_on` a bank day of the currency.

    `batch_booking`: the account shows one debit for the whole batch, to be reconciled on PmtInfId + EndToEndId.
    """

    batch_id: UUID
    profile: BankProfile
    sealed_at: datetime
    execution_on: date
    debtor: Party
    transfers: tuple[CreditTransfer, ...]
    batch_booking: bool = True
    form: OrderForm = OrderForm()


def reference(own_id: UUID) -> str:
    """MsgId and InstrId: the id without dashes, 32 of the 35 characters allowed."""
    return own_id.hex


def payment_reference(disbursement_id: UUID, number: int) -> str:
    """EndToEndId of the `number`-th attempt at a payment, in at most 35 characters: beyond 99 it names the payment alone."""
    return f"{disbursement_id.hex}-{number}" if number <= _LAST_NUMBER else disbursement_id.hex


def payment_information_id(batch_id: UUID) -> str:
    """PmtInfId of the one group of transfers in a batch's file."""
    return f"{batch_id.hex}-1"


def own_id(text: str | None) -> UUID | None:
    """The id that `reference` wrote, also in capitals, as some banks give it back; None when the reference is missing or not ours."""
    return UUID(hex=text) if text is not None and _OWN.fullmatch(text) else None


@lru_cache(maxsize=1_000)
def own_payment(text: str | None) -> tuple[UUID, int | None] | None:
    """The payment, and the number of the attempt at it, that `payment_reference` wrote: also in capitals, with blanks, and without its
    dash. The number is None in an order from before attempts had references of their own, and in any other id of ours."""
    found = _OWN_PAYMENT.fullmatch(text.strip()) if text is not None else None
    return (UUID(hex=found[1]), int(found[2]) if found[2] else None) if found else None


_OWN = re.compile("[0-9a-fA-F]{32}")
_OWN_PAYMENT = re.compile("([0-9a-fA-F]{32}) ?-? ?([0-9]{1,3})?")
_LAST_NUMBER = 99


def own_batch_id(text: str | None) -> UUID | None:
    """The batch whose `payment_information_id` this is, or None."""
    return own_id(text.removesuffix("-1")) if text and text.endswith("-1") else None


def named_batch(text: str | None) -> UUID | None:
    """The batch, whichever of MsgId and PmtInfId stands there: banks put one in the place of the other."""
    return own_batch_id(text) or own_id(text)
