"""The bank's side: the files in both folders, read again from disk, and the simulated bank's own book.

A small ISO 20022 reader of our own, independent of the version of the message: it takes the elements that a recount needs.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from lxml import etree

from operations.verify.bank_book import BookTransfer, read_bank_book
from operations.verify.bank_mt940 import is_mt940, read_mt940, swift_days, swift_facts
from operations.verify.bank_statements import (
    Credit,
    FileFacts,
    Lump,
    Orders,
    Other,
    StatementDays,
    Transfer,
    account_of,
    combine,
    is_account,
    own_id,
    payment_named,
    read_facts,
)
from shared.kernel.files import NOT_READABLE, read_file
from shared.kernel.money import Money
from shared.kernel.printable import printable

TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class PaymentFile:
    name: str
    sha256: str
    batch_id: str
    transfers: tuple[Transfer, ...]


@dataclass(frozen=True)
class BankSide:
    """Everything that the bank's side shows.

    `statements`: booked transactions on accounts that we have paid from; `days`: which days the statements have. `rejected`: the attempts
    that the bank's reports reject. `lumps`: debits for a batch that agree with no transfers in it. `others`: what moved without a reference
    of ours. `taken`: SHA-256 → name of each bank file that payments has processed. `book`: None when there is no simulated bank.
    `unreadable`: '<file>: <error>'.
    """

    payment_files: Sequence[PaymentFile] = ()
    statements: Sequence[Transfer] = ()
    unreadable: Sequence[str] = ()
    taken: Mapping[str, str] = field(default_factory=dict)
    book: Sequence[BookTransfer] | None = None
    days: Sequence[StatementDays] = ()
    credits: Sequence[Credit] = ()
    rejected: frozenset[str] = frozenset()
    lumps: Sequence[Lump] = ()
    others: Sequence[Other] = ()


def read_bank(outgoing: Path, incoming: Path, book: Path) -> BankSide:
    """Reads both folders and the book. A file that is still being written (its name begins with a dot) is left out."""
    payment_files: list[PaymentFile] = []
    days: list[StatementDays] = []
    unreadable: list[str] = []
    read: list[FileFacts] = []
    seen: set[str] = set()
    taken: dict[str, str] = {}
    own_accounts: set[str] = set()
    for name, data in _read(outgoing, outgoing, unreadable):
        try:
            root = _root(data)
            payment_files.append(_payment_file(name, data, root))
            own_accounts |= {account_of(element) for element in root.iterfind(".//{*}DbtrAcct")}
        except (etree.XMLSyntaxError, ValueError) as error:
            unreadable.append(f"{name}: {error}")
    orders = Orders.of([transfer for file in payment_files for transfer in file.transfers])
    for folder in (incoming, incoming / TAKEN):
        for name, data in _read(folder, incoming, unreadable):
            sha256 = hashlib.sha256(data).hexdigest()
            if folder.name == TAKEN:
                taken[sha256] = name
            if sha256 not in seen:
                seen.add(sha256)
                try:
                    if is_mt940(data):
                        swift = read_mt940(data)
                        read.append(swift_facts(name, swift, orders, own_accounts))
                        days += swift_days(swift, own_accounts)
                        continue
                    root = _root(data)
                    facts = read_facts(name, root, orders, own_accounts)
                    days += _days(root, own_accounts)
                    read.append(facts)
                except (etree.XMLSyntaxError, ValueError) as error:
                    unreadable.append(f"{name}: {error}")
    found = combine(read, orders)
    return BankSide(
        payment_files, found.transfers, unreadable, taken, read_bank_book(book), days, found.credits, frozenset(found.rejected),
        found.lumps, found.others,
    )  # fmt: skip


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


def _payment_file(name: str, data: bytes, root: etree._Element) -> PaymentFile:
    batch = own_id(root.findtext(".//{*}GrpHdr/{*}MsgId"))
    transfers = tuple(_transfer(name, batch, element) for element in root.iterfind(".//{*}CdtTrfTxInf"))
    return PaymentFile(name, hashlib.sha256(data).hexdigest(), batch, transfers)


def _transfer(name: str, batch: str, element: etree._Element) -> Transfer:
    amount = element.find(".//{*}InstdAmt")
    if amount is None:
        raise ValueError("a transfer without an amount")
    money = Money.parse(amount.text or "", amount.get("Ccy", ""))
    (disbursement, number), attempt = payment_named(element.findtext(".//{*}EndToEndId")), own_id(element.findtext(".//{*}InstrId"))
    return Transfer(name, disbursement, attempt, money.minor, money.currency, batch_id=batch, number=number)


def _days(root: etree._Element, own_accounts: set[str]) -> Iterator[StatementDays]:
    """From the opening to the closing balance of each statement that has both; of several pages, over all of them. The account is written
    as in our files."""
    pages: dict[tuple[str, str | None], dict[str | None, str | None]] = {}
    for each in root.iterfind(".//{*}Stmt"):
        named = "".join(map(account_of, each.iterfind("{*}Acct")))
        account = next((own for own in own_accounts if is_account(own, named)), named)
        dates = pages.setdefault((account, each.findtext("{*}Id")), {})
        dates |= {one.findtext("{*}Tp/{*}CdOrPrtry/{*}Cd"): one.findtext("{*}Dt/{*}Dt") for one in each.iterfind("{*}Bal")}
        if start := each.findtext("{*}FrToDt/{*}FrDtTm"):
            dates["start"] = start
    for (account, _), dates in pages.items():
        first, last = dates.get("start") or dates.get("OPBD") or dates.get("CLBD"), dates.get("CLBD")
        if first and last:
            yield StatementDays(account, date.fromisoformat(first[:10]), date.fromisoformat(last))
