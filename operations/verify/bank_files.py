"""The bank's side: the files on disk, read anew, and the simulated bank's own book.

A small reader of ISO 20022 of our own, whatever the version of the message: it takes what a recount needs and passes over the rest.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from lxml import etree

from shared.kernel.money import Money
from simulation.bank.book import Booked, read_book

TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A line of a pain.001, or a booked transaction of a camt.053 (`returned`: it came back). Ids as text, ours as UUIDs."""

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


@dataclass(frozen=True)
class BankSide:
    """`statements`: the booked lines of all of them on accounts from which we have ordered. `taken`: hash → name of what was taken
    in. `book`: None when there is no simulated bank. `unreadable`: files and why."""

    payment_files: Sequence[PaymentFile] = ()
    statements: Sequence[Transfer] = ()
    unreadable: Sequence[str] = ()
    taken: Mapping[str, str] = field(default_factory=dict)
    book: Sequence[Booked] | None = None


def read_bank(outgoing: Path, incoming: Path, book: Path) -> BankSide:
    """Everything the two folders and the book say. Files still being written (a leading dot) are passed over."""
    payment_files: list[PaymentFile] = []
    statements: list[Transfer] = []
    unreadable: list[str] = []
    seen: set[str] = set()
    taken: dict[str, str] = {}
    ours: set[str] = set()
    for path in _files(outgoing):
        try:
            data = path.read_bytes()
            root = _root(data)
            payment_files.append(_payment_file(path.name, data, root))
            ours |= {_account(element) for element in root.iterfind(".//{*}DbtrAcct")}
        except (etree.XMLSyntaxError, ValueError) as error:
            unreadable.append(f"{path.name}: {error}")
    for folder in (incoming, incoming / TAKEN):
        for path in _files(folder):
            data = path.read_bytes()
            sha256 = hashlib.sha256(data).hexdigest()
            if folder.name == TAKEN:
                taken[sha256] = path.name
            if sha256 not in seen:
                seen.add(sha256)
                try:
                    statements += _statement(path.name, _root(data), ours)
                except (etree.XMLSyntaxError, ValueError) as error:
                    unreadable.append(f"{path.name}: {error}")
    known = read_book(book) if book.exists() else None
    return BankSide(payment_files, statements, unreadable, taken, known)


def own_id(text: str | None) -> str:
    """The UUID that a reference holds, as canonical text; any other reference stays as it is."""
    try:
        return str(UUID(hex=text or ""))
    except ValueError:
        return text or "no reference"


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.xml") if not path.name.startswith(".")) if folder.exists() else []


def _root(data: bytes) -> etree._Element:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _account(element: etree._Element) -> str:
    """The number in a `DbtrAcct` or `Acct`."""
    return element.findtext("{*}Id/{*}IBAN") or element.findtext("{*}Id/{*}Othr/{*}Id") or ""


def _payment_file(name: str, data: bytes, root: etree._Element) -> PaymentFile:
    transfers = tuple(_transfer(name, element, "InstdAmt", returned=False) for element in root.iterfind(".//{*}CdtTrfTxInf"))
    return PaymentFile(name, hashlib.sha256(data).hexdigest(), own_id(root.findtext(".//{*}GrpHdr/{*}MsgId")), transfers)


def _statement(name: str, root: etree._Element, ours: set[str]) -> Iterator[Transfer]:
    """The booked transactions of a statement on our accounts; nothing for a status report, or for a statement meant for others."""
    statements = [each for each in root.iterfind(".//{*}Stmt") if any(_account(account) in ours for account in each.iterfind("{*}Acct"))]
    for entry in (entry for each in statements for entry in each.iterfind("{*}Ntry")):
        if "BOOK" in (entry.findtext("{*}Sts/{*}Cd"), entry.findtext("{*}Sts")):  # the older version has no code below
            for details in entry.iterfind("{*}NtryDtls/{*}TxDtls"):
                yield _transfer(name, details, "Amt", returned=details.findtext("{*}CdtDbtInd") == "CRDT")


def _transfer(name: str, element: etree._Element, amount_tag: str, *, returned: bool) -> Transfer:
    amount = element.find(f".//{{*}}{amount_tag}")
    if amount is None:
        raise ValueError("a transfer without an amount")
    money = Money.parse(amount.text or "", amount.get("Ccy", ""))
    disbursement, attempt = element.findtext(".//{*}EndToEndId"), element.findtext(".//{*}InstrId")
    return Transfer(name, own_id(disbursement), own_id(attempt), money.minor, money.currency, returned)
