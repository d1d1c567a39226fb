"""What a bank refuses although the XML schema allows it: the scheme rules, as a list of refusals.

Sources: EPC SEPA credit transfer rulebook (lengths, characters, amounts, slashes, addresses since 15 November 2026) and the
conventions of Danish and Polish domestic transfers.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from babel import Locale
from stdnum import bic, iban
from stdnum.exceptions import ValidationError

from services.payments.iso20022.model import Account, Address, BatchFile, CreditTransfer, Party
from services.payments.iso20022.profiles import BankProfile
from services.payments.iso20022.sepa import is_sepa
from services.payments.iso20022.transliterate import transliterate, unsupported
from shared.kernel.errors import Refused
from shared.kernel.money import Money

NAME_LENGTH, REMITTANCE_LENGTH, LINE_LENGTH, LARGEST_LINES = 70, 140, 70, 2
_NO_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
"""Two letters in the Unicode list of territories that are no country of an address."""
_COUNTRIES = frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()) - _NO_COUNTRIES
_ADDRESS_LENGTHS = {"town": 35, "street": 70, "building": 16, "post_code": 16}


def check_batch(batch: BatchFile) -> list[Refused]:
    """Everything the bank would refuse, in the order of the file; empty when the batch can be sent.

    `field` is a dotted path into the BatchFile, such as 'transfers.3.payee.name'.
    """
    return list(_check(batch))


def _check(batch: BatchFile) -> Iterator[Refused]:
    if batch.sealed_at.tzinfo is None:
        yield Refused("instant-without-zone", "The time of sealing has no time zone.", field="sealed_at")
    if not batch.transfers:
        yield Refused("batch-empty", "The batch has no transfers.", field="transfers")
    yield from _check_party("debtor", batch.debtor, batch.profile, batch.execution_on)
    disbursements = Counter(transfer.disbursement_id for transfer in batch.transfers)
    attempts = Counter(transfer.attempt_id for transfer in batch.transfers)
    for index, transfer in enumerate(batch.transfers):
        yield from _check_transfer(f"transfers.{index}", transfer, batch.profile, batch.execution_on)
        yield from _check_once(f"transfers.{index}.disbursement_id", transfer.disbursement_id, disbursements)
        yield from _check_once(f"transfers.{index}.attempt_id", transfer.attempt_id, attempts)


def _check_once(field: str, key: UUID, counted: Counter[UUID]) -> Iterator[Refused]:
    if counted[key] > 1:
        yield Refused("repeated-in-batch", "The batch has {id} twice.", field=field, id=str(key))


def _check_transfer(field: str, transfer: CreditTransfer, profile: BankProfile, on: date) -> Iterator[Refused]:
    paid = transfer.amount
    if paid.currency != profile.currency:
        yield Refused(
            "other-currency-than-scheme", "The amount is in {currency}, the scheme pays {expected}.", field=f"{field}.amount",
            currency=paid.currency, expected=profile.currency,
        )  # fmt: skip
    if not 1 <= paid.minor <= profile.largest_minor:
        most = Money(profile.largest_minor, profile.currency)
        yield Refused(
            "amount-out-of-range", "The amount has to be above zero and at most {most}.", field=f"{field}.amount",
            most=most, most_minor=most.minor,
        )  # fmt: skip
    yield from _check_party(f"{field}.payee", transfer.payee, profile, on)
    yield from _check_text(f"{field}.remittance", transfer.remittance, REMITTANCE_LENGTH)
    yield from _check_slashes(f"{field}.remittance", transliterate(transfer.remittance))


def _check_party(field: str, party: Party, profile: BankProfile, on: date) -> Iterator[Refused]:
    yield from _check_text(f"{field}.name", party.name, NAME_LENGTH)
    yield from _check_account(f"{field}.account", party.account, profile, on)
    if party.bic is not None and not (bic.is_valid(party.bic) and party.bic == bic.compact(party.bic)):
        yield Refused("invalid-bic", "This is not a BIC in capital letters.", field=f"{field}.bic")
    if party.address is not None:
        yield from _check_address(f"{field}.address", party.address)


def _check_text(field: str, text: str, length: int) -> Iterator[Refused]:
    """The text as it will be in the file: transliteration may lengthen it."""
    sent = transliterate(text)
    if not sent:
        yield Refused("text-empty", "The text is empty.", field=field)
    if len(sent) > length:
        yield Refused(
            "text-too-long-for-bank", "The text has {length} characters, {most} are allowed.", field=field, length=len(sent), most=length
        )
    if unsupported(sent):
        yield Refused(
            "characters-not-accepted", "Banks do not accept these characters: {characters}", field=field, characters=unsupported(sent)
        )


def _check_slashes(field: str, text: str) -> Iterator[Refused]:
    if text.startswith("/") or text.endswith("/") or "//" in text:
        yield Refused("slashes-not-accepted", "The text begins or ends with a slash, or has two in a row.", field=field)


def _check_account(field: str, account: Account, profile: BankProfile, on: date) -> Iterator[Refused]:
    """`on`: the day of execution; countries join SEPA."""
    number = account.compact
    if not account.is_iban:
        if not profile.takes_bban:
            yield Refused("iban-expected", "The account number has to be an IBAN.", field=field)
        elif len(number) != profile.bban_digits or not (number.isascii() and number.isdigit()):
            digits = profile.bban_digits
            yield Refused(
                "invalid-bban", "The account number has to be an IBAN, or a domestic number of {digits} digits.", field=field, digits=digits
            )
        return
    if not is_iban(number):
        yield Refused("invalid-iban", "This is not a valid IBAN.", field=field)
    elif profile.country and number[:2] != profile.country:
        yield Refused(
            "account-abroad", "The account is not in {country}, so this is no domestic transfer.", field=field, country=profile.country
        )
    elif profile.country is None and not is_sepa(number[:2], on):
        yield Refused(
            "account-outside-sepa", "Transfers in euro do not reach accounts in {country}. Give an account in a country of SEPA.",
            field=field, country=number[:2],
        )  # fmt: skip


def is_iban(number: str) -> bool:
    """Check digits and structure only: an unknown bank code is no verdict (`check_country=False`).

    ISO 13616 computes check digits as 98 minus a remainder of 97, so they are 02 to 98; 00, 01 and 99 have the remainder of 97, 98 and 02,
    and the library takes them for these.
    """
    try:
        return iban.validate(number, check_country=False) == number and "02" <= number[2:4] <= "98"
    except ValidationError:
        return False


def _check_address(field: str, address: Address) -> Iterator[Refused]:
    if address.country not in _COUNTRIES:
        yield Refused("country-missing", "The address needs a country code: banks refuse unstructured addresses.", field=f"{field}.country")
    if not transliterate(address.town):
        yield Refused("town-missing", "The address needs a town: banks refuse unstructured addresses.", field=f"{field}.town")
    for part, length in _ADDRESS_LENGTHS.items():
        if getattr(address, part):
            yield from _check_text(f"{field}.{part}", getattr(address, part), length)
    if len(address.lines) > LARGEST_LINES:
        yield Refused(
            "too-many-address-lines", "The address has {lines} free lines, {most} are allowed.", field=f"{field}.lines",
            lines=len(address.lines), most=LARGEST_LINES,
        )  # fmt: skip
    for index, line in enumerate(address.lines):
        yield from _check_text(f"{field}.lines.{index}", line, LINE_LENGTH)
