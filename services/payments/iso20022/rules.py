"""What a bank refuses although the XML schema allows it: the scheme rules, as a list of problems in a batch.

Sources: EPC SEPA credit transfer rulebook (lengths, characters, amounts, slashes, addresses since 15 November 2026) and the
conventions of Danish and Polish domestic transfers. The Danish and Polish schemes set no upper amount here; SEPA's is used.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from stdnum import bic, iban
from stdnum.exceptions import ValidationError

from services.payments.iso20022.model import Account, Address, BatchFile, CreditTransfer, Party, Profile
from services.payments.iso20022.transliterate import transliterate, unsupported

CURRENCY = {Profile.SEPA_SCT: "EUR", Profile.DK_DOMESTIC: "DKK", Profile.PL_DOMESTIC: "PLN"}
HOME = {Profile.DK_DOMESTIC: "DK", Profile.PL_DOMESTIC: "PL"}
LARGEST_MINOR = 999_999_999_99
NAME_LENGTH, REMITTANCE_LENGTH, LINE_LENGTH, LARGEST_LINES = 70, 140, 70, 2
_ADDRESS_LENGTHS = {"town": 35, "street": 70, "building": 16, "post_code": 16}
_BBAN_DIGITS = 14


class Problem(NamedTuple):
    """`field` is a dotted path into the BatchFile ('transfers.3.payee.name'); `reason` is for people."""

    field: str
    reason: str


def check_batch(batch: BatchFile) -> list[Problem]:
    """Everything the bank would refuse, in the order of the file; empty when the batch can be sent."""
    return list(_check(batch))


def _check(batch: BatchFile) -> Iterator[Problem]:
    if batch.sealed_at.tzinfo is None:
        yield Problem("sealed_at", "has no zone")
    if not batch.transfers:
        yield Problem("transfers", "is empty")
    yield from _check_party("debtor", batch.debtor, batch.profile)
    disbursements = Counter(transfer.disbursement_id for transfer in batch.transfers)
    attempts = Counter(transfer.attempt_id for transfer in batch.transfers)
    for index, transfer in enumerate(batch.transfers):
        yield from _check_transfer(f"transfers.{index}", transfer, batch.profile)
        yield from _check_once(f"transfers.{index}.disbursement_id", transfer.disbursement_id, disbursements)
        yield from _check_once(f"transfers.{index}.attempt_id", transfer.attempt_id, attempts)


def _check_once(field: str, key: UUID, counted: Counter[UUID]) -> Iterator[Problem]:
    if counted[key] > 1:
        yield Problem(field, "occurs twice in the batch")


def _check_transfer(field: str, transfer: CreditTransfer, profile: Profile) -> Iterator[Problem]:
    if transfer.amount.currency != CURRENCY[profile]:
        yield Problem(f"{field}.amount", f"is in {transfer.amount.currency}, the scheme pays {CURRENCY[profile]}")
    if not 1 <= transfer.amount.minor <= LARGEST_MINOR:
        yield Problem(f"{field}.amount", "is not between 0.01 and 999,999,999.99")
    yield from _check_party(f"{field}.payee", transfer.payee, profile)
    yield from _check_text(f"{field}.remittance", transfer.remittance, REMITTANCE_LENGTH)
    yield from _check_slashes(f"{field}.remittance", transliterate(transfer.remittance))


def _check_party(field: str, party: Party, profile: Profile) -> Iterator[Problem]:
    yield from _check_text(f"{field}.name", party.name, NAME_LENGTH)
    yield from _check_account(f"{field}.account", party.account, profile)
    if party.bic is not None and not (bic.is_valid(party.bic) and party.bic == bic.compact(party.bic)):
        yield Problem(f"{field}.bic", "is not a BIC in capitals")
    if party.address is not None:
        yield from _check_address(f"{field}.address", party.address)


def _check_text(field: str, text: str, length: int) -> Iterator[Problem]:
    """As it will stand in the file: transliteration may lengthen."""
    sent = transliterate(text)
    if not sent:
        yield Problem(field, "is empty")
    if len(sent) > length:
        yield Problem(field, f"has {len(sent)} characters, {length} are allowed")
    if unsupported(sent):
        yield Problem(field, f"holds characters that banks do not take: {unsupported(sent)}")


def _check_slashes(field: str, text: str) -> Iterator[Problem]:
    if text.startswith("/") or text.endswith("/") or "//" in text:
        yield Problem(field, "begins or ends with a slash or holds two in a row")


def _check_account(field: str, account: Account, profile: Profile) -> Iterator[Problem]:
    number = account.compact
    if not account.is_iban:
        if profile is not Profile.DK_DOMESTIC:
            yield Problem(field, "is not an IBAN")
        elif len(number) != _BBAN_DIGITS or not (number.isascii() and number.isdigit()):
            yield Problem(field, "is not a registration number of 4 and an account number of 10 digits")
        return
    home = HOME.get(profile, number[:2])
    if not is_iban(number):
        yield Problem(field, "is not a valid IBAN")
    elif number[:2] != home:
        yield Problem(field, f"is not an account in {home}, so not a domestic transfer")


def is_iban(number: str) -> bool:
    """Check digits and structure only: an unknown bank code is no verdict (`check_country=False`)."""
    try:
        return iban.validate(number, check_country=False) == number
    except ValidationError:
        return False


def _check_address(field: str, address: Address) -> Iterator[Problem]:
    if not (len(address.country) == 2 and address.country.isascii() and address.country.isalpha() and address.country.isupper()):
        yield Problem(f"{field}.country", "is not a country code, and unstructured addresses are refused")
    if not transliterate(address.town):
        yield Problem(f"{field}.town", "is empty, and unstructured addresses are refused")
    for part, length in _ADDRESS_LENGTHS.items():
        if getattr(address, part):
            yield from _check_text(f"{field}.{part}", getattr(address, part), length)
    if len(address.lines) > LARGEST_LINES:
        yield Problem(f"{field}.lines", f"has {len(address.lines)} lines, {LARGEST_LINES} are allowed")
    for index, line in enumerate(address.lines):
        yield from _check_text(f"{field}.lines.{index}", line, LINE_LENGTH)
