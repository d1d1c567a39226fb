"""The bank's side: the files in both folders, read again from disk, and the simulated bank's own book.

A small ISO 20022 reader of our own, independent of the version of the message: it takes the elements that a recount needs.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from lxml import etree

from operations.verify.bank_book import BookTransfer, read_bank_book
from operations.verify.bank_mt940 import is_mt940, read_mt940
from shared.kernel.files import NOT_READABLE, read_file
from shared.kernel.money import Money
from shared.kernel.printable import printable

TAKEN = "taken"
_ID_LENGTH = 36


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer in a pain.001, or a booked transaction in a camt.053; `returned`: the money came back.

    Our own ids are UUIDs as text; any other reference is kept as it is.
    """

    file: str
    disbursement_id: str
    attempt_id: str
    amount_minor: int
    currency: str
    returned: bool = False


@dataclass(frozen=True, slots=True)
class PaymentFile:
    name: str
    sha256: str
    batch_id: str
    transfers: tuple[Transfer, ...]


class StatementDays(NamedTuple):
    """An account's statement has all bookings of these days."""

    account: str
    first: date
    last: date


class Credit(NamedTuple):
    """Money that came in and is no return of a transfer; `text` is all that the payer wrote, without blanks, in capitals."""

    file: str
    amount_minor: int
    currency: str
    text: str


@dataclass(frozen=True)
class BankSide:
    """Everything that the bank's side shows.

    `statements`: booked transactions on accounts that we have paid from; `days`: which days the statements have.
    `taken`: SHA-256 → name of each bank file that payments
    has processed. `book`: None when there is no simulated bank. `unreadable`: '<file>: <error>'.
    """

    payment_files: Sequence[PaymentFile] = ()
    statements: Sequence[Transfer] = ()
    unreadable: Sequence[str] = ()
    taken: Mapping[str, str] = field(default_factory=dict)
    book: Sequence[BookTransfer] | None = None
    days: Sequence[StatementDays] = ()
    credits: Sequence[Credit] = ()


def read_bank(outgoing: Path, incoming: Path, book: Path) -> BankSide:
    """Reads both folders and the book. A file that is still being written (its name begins with a dot) is left out."""
    payment_files: list[PaymentFile] = []
    statements: list[Transfer] = []
    days: list[StatementDays] = []
    credits: list[Credit] = []
    unreadable: list[str] = []
    seen: set[str] = set()
    taken: dict[str, str] = {}
    own_accounts: set[str] = set()
    for name, data in _read(outgoing, outgoing, unreadable):
        try:
            root = _root(data)
            payment_files.append(_payment_file(name, data, root))
            own_accounts |= {_account(element) for element in root.iterfind(".//{*}DbtrAcct")}
        except (etree.XMLSyntaxError, ValueError) as error:
            unreadable.append(f"{name}: {error}")
    for folder in (incoming, incoming / TAKEN):
        for name, data in _read(folder, incoming, unreadable):
            sha256 = hashlib.sha256(data).hexdigest()
            if folder.name == TAKEN:
                taken[sha256] = name
            if sha256 not in seen:
                seen.add(sha256)
                try:
                    if is_mt940(data):
                        statements += _swift(name, data, own_accounts)
                        days += _swift_days(data, own_accounts)
                        credits += _swift_credits(name, data, own_accounts)
                        continue
                    statements += _statement(name, root := _root(data), own_accounts)
                    days += _days(root)
                    credits += _credits(name, root, own_accounts)
                except (etree.XMLSyntaxError, ValueError) as error:
                    unreadable.append(f"{name}: {error}")
    return BankSide(payment_files, statements, unreadable, taken, read_bank_book(book), days, credits)


def own_id(text: str | None) -> str:
    """The UUID in a reference, as canonical text; a reference that is no UUID is returned unchanged."""
    try:
        return str(UUID(hex=text or ""))
    except ValueError:
        return text or "no reference"


def is_own_id(reference: str) -> bool:
    """Whether `own_id` found one of ours."""
    return len(reference) == _ID_LENGTH and own_id(reference) == reference


def _read(folder: Path, root: Path, unreadable: list[str]) -> Iterator[tuple[str, bytes]]:
    """The name of each file, as it is shown, and its bytes. What is no regular file, or lies beyond a link below `root`: `unreadable`."""
    for path in sorted(path for path in folder.glob("*.xml") if not path.name.startswith(".")):
        try:
            yield printable(path.name), read_file(path, root)
        except FileNotFoundError:  # moved at this moment
            continue
        except NOT_READABLE as error:
            unreadable.append(f"{printable(path.name)}: {error}")


def _root(data: bytes) -> etree._Element:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _account(element: etree._Element) -> str:
    """The account number in a `DbtrAcct` or `Acct`."""
    return element.findtext("{*}Id/{*}IBAN") or element.findtext("{*}Id/{*}Othr/{*}Id") or ""


def _payment_file(name: str, data: bytes, root: etree._Element) -> PaymentFile:
    transfers = tuple(_transfer(name, element, "InstdAmt", returned=False) for element in root.iterfind(".//{*}CdtTrfTxInf"))
    return PaymentFile(name, hashlib.sha256(data).hexdigest(), own_id(root.findtext(".//{*}GrpHdr/{*}MsgId")), transfers)


def _statement(name: str, root: etree._Element, own_accounts: set[str]) -> Iterator[Transfer]:
    """The booked transactions on our accounts; none for a status report or for a statement on another payer's account."""
    statements = [each for each in root.iterfind(".//{*}Stmt") if any(_account(acct) in own_accounts for acct in each.iterfind("{*}Acct"))]
    for entry in (entry for each in statements for entry in each.iterfind("{*}Ntry")):
        if "BOOK" in (entry.findtext("{*}Sts/{*}Cd"), entry.findtext("{*}Sts")):  # the older version has no code element in Sts
            for details in entry.iterfind("{*}NtryDtls/{*}TxDtls"):
                if not _is_credit_of_others(details, entry):
                    yield _transfer(name, details, "Amt", returned=details.findtext("{*}CdtDbtInd") == "CRDT")


def _is_credit_of_others(details: etree._Element, entry: etree._Element) -> bool:
    incoming = (details.findtext("{*}CdtDbtInd") or entry.findtext("{*}CdtDbtInd")) == "CRDT"
    codes = (one.findtext("{*}BkTxCd/{*}Domn/{*}Fmly/{*}SubFmlyCd") for one in (details, entry))
    returned = details.find("{*}RtrInf") is not None or "RRTN" in codes or entry.findtext("{*}RvslInd") in ("true", "1")
    return incoming and not returned


def _credits(name: str, root: etree._Element, own_accounts: set[str]) -> Iterator[Credit]:
    for each in root.iterfind(".//{*}Stmt"):
        own = any(_account(acct) in own_accounts for acct in each.iterfind("{*}Acct"))
        for entry in each.iterfind("{*}Ntry") if own else ():
            for details in entry.iterfind("{*}NtryDtls/{*}TxDtls"):
                amount = details.find("{*}Amt")
                if amount is not None and _is_credit_of_others(details, entry):
                    money = Money.parse(amount.text or "", amount.get("Ccy", ""))
                    texts = (one.text or "" for tag in ("Ustrd", "Ref", "EndToEndId") for one in details.iterfind(f".//{{*}}{tag}"))
                    yield Credit(name, money.minor, money.currency, "".join("|".join(texts).split()).upper())


def _days(root: etree._Element) -> Iterator[StatementDays]:
    """From the opening to the closing balance of each statement that has both."""
    for each in root.iterfind(".//{*}Stmt"):
        dates = {one.findtext("{*}Tp/{*}CdOrPrtry/{*}Cd"): one.findtext("{*}Dt/{*}Dt") for one in each.iterfind("{*}Bal")}
        first, last = each.findtext("{*}FrToDt/{*}FrDtTm") or dates.get("OPBD") or dates.get("CLBD"), dates.get("CLBD")
        if first and last:
            yield StatementDays("".join(map(_account, each.iterfind("{*}Acct"))), date.fromisoformat(first[:10]), date.fromisoformat(last))


def _swift(name: str, data: bytes, own_accounts: set[str]) -> Iterator[Transfer]:
    """The bookings of an MT940 that name a payment, and their returns."""
    for one in (one for each in read_mt940(data) if any(map(each.is_of, own_accounts)) for one in each.movements):
        if one.reference and one.is_return == one.is_credit:
            yield Transfer(name, own_id(one.reference), own_id(None), one.amount.minor, one.amount.currency, one.is_return)


def _swift_days(data: bytes, own_accounts: set[str]) -> Iterator[StatementDays]:
    for each in read_mt940(data):
        if each.first and each.last:
            yield from (StatementDays(account, each.first, each.last) for account in sorted(own_accounts) if each.is_of(account))


def _swift_credits(name: str, data: bytes, own_accounts: set[str]) -> Iterator[Credit]:
    for one in (one for each in read_mt940(data) if any(map(each.is_of, own_accounts)) for one in each.movements):
        if one.is_credit and not one.is_return:
            yield Credit(name, one.amount.minor, one.amount.currency, "".join(re.sub(r"\?\d\d", "", one.text).split()).upper())


def _transfer(name: str, element: etree._Element, amount_tag: str, *, returned: bool) -> Transfer:
    amount = element.find(f".//{{*}}{amount_tag}")
    if amount is None:
        raise ValueError("a transfer without an amount")
    money = Money.parse(amount.text or "", amount.get("Ccy", ""))
    disbursement, attempt = element.findtext(".//{*}EndToEndId"), element.findtext(".//{*}InstrId")
    return Transfer(name, own_id(disbursement), own_id(attempt), money.minor, money.currency, returned)
