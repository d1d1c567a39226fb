"""What statements, notifications and status reports of the bank say about the transfers of our files, whatever kind of bank writes them.

A small reader of our own that shares no code with the reader in payments. A statement says what was booked; a notification only lists what
a batch that a statement books as one debit consists of; a report of the day says nothing that a statement does not say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from lxml import etree

from shared.kernel.money import Money

_ID_LENGTH = 36
_NUMBERED = re.compile("(?P<id>[0-9a-fA-F]{32}) ?-? ?(?P<number>[0-9]{1,3})")
NOT_NAMED = "not named"
"""The attempt of a line that may be about several."""
_REJECTED = "RJCT"
_PARTLY = "PART"
_ACCEPTED = {"ACCP", "ACSP", "ACSC", "ACCC", "ACWC", "ACWP"}
_DUPLICATES = {"DUPL", "AM05", "DU01", "DU02", "DU03", "DU04", "DU05"}
_REFERENCES = ("EndToEndId", "InstrId", "PmtInfId", "MsgId")


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer in a pain.001, or a booked transaction in a camt.053; `returned`: the money came back.

    Our own ids are UUIDs as text; any other reference is kept as it is. `batch_id` is empty where the bank does not name it. `part`: less
    came back than was ordered. `number` of the attempt at its payment, where the EndToEndId says it.
    """

    file: str
    disbursement_id: str
    attempt_id: str
    amount_minor: int
    currency: str
    returned: bool = False
    batch_id: str = ""
    on: date | None = None
    part: bool = False
    number: int | None = None


class Lump(NamedTuple):
    """One debit for a batch, with the amount of no transfers that are known to be in it."""

    file: str
    batch_id: str
    amount_minor: int
    currency: str


class Credit(NamedTuple):
    """Money that came in and is no return of a transfer; `text` is all that the payer wrote, without blanks, in capitals."""

    file: str
    amount_minor: int
    currency: str
    text: str


class StatementDays(NamedTuple):
    """An account's statement has all bookings of these days."""

    account: str
    first: date
    last: date


class Other(NamedTuple):
    """Money that moved without a reference of ours: a charge, a debit of somebody else. `amount_minor` is negative where it left."""

    file: str
    amount_minor: int
    currency: str


@dataclass(frozen=True)
class Orders:
    """The transfers of our payment files, each with its batch."""

    by_disbursement: Mapping[str, Sequence[Transfer]]
    by_attempt: Mapping[str, Sequence[Transfer]]
    by_batch: Mapping[str, Sequence[Transfer]]

    @classmethod
    def of(cls, transfers: Sequence[Transfer]) -> "Orders":
        names = ("disbursement_id", "attempt_id", "batch_id")
        found: dict[str, dict[str, list[Transfer]]] = {name: {} for name in names}
        for one in transfers:
            for name in names:
                found[name].setdefault(getattr(one, name), []).append(one)
        return cls(*found.values())


class Entry(NamedTuple):
    """A booked entry of one of our accounts. `left_minor`: what its parts leave of it, negative where money left the account. `batch`:
    where it names one of ours and no transfer."""

    file: str
    transfers: Sequence[Transfer]
    credits: Sequence[Credit]
    left_minor: int
    currency: str
    batch: str
    on: date | None


class FileFacts(NamedTuple):
    """Of one file. `rejected`: attempts that it rejects. `listed`: transfers that it notifies."""

    entries: Sequence[Entry]
    listed: Sequence[Transfer]
    rejected: Sequence[str]


@dataclass
class Statements:
    """What all files say together."""

    transfers: list[Transfer] = field(default_factory=list)
    lumps: list[Lump] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)
    rejected: set[str] = field(default_factory=set)


def own_id(text: str | None) -> str:
    """The UUID in a reference, as canonical text; a reference that is no UUID is returned unchanged."""
    try:
        return str(UUID(hex=text or ""))
    except ValueError:
        return text or "no reference"


def payment_named(text: str | None) -> tuple[str, int | None]:
    """The payment in an EndToEndId as `own_id` reads an id, and the number of the attempt behind it; a bank may leave the dash out."""
    found = _NUMBERED.fullmatch((text or "").strip())
    return (own_id(found["id"]), int(found["number"])) if found else (own_id(text), None)


def is_own_id(reference: str) -> bool:
    """Whether `own_id` found one of ours."""
    return len(reference) == _ID_LENGTH and own_id(reference) == reference


def batch_in(text: str | None) -> str:
    """The batch whose MsgId or PmtInfId this is; empty where it is none of ours."""
    found = own_id((text or "").removesuffix("-1"))
    return found if is_own_id(found) else ""


def is_account(one: str, other: str) -> bool:
    """Whether both are the same account: an IBAN, or the number within it, with or without blanks, other signs between its parts, and the
    zeros that fill a Danish number up."""
    first, second = ("".join(filter(str.isalnum, text)).upper() for text in (one, other))
    return bool(first) and bool(second) and (first == second or second in _numbers_within(first) or first in _numbers_within(second))


def _numbers_within(account: str) -> tuple[str, ...]:
    if not account[:2].isalpha():
        return ()
    return account[2:], account[4:], account[4:8] + account[8:].lstrip("0") if account.startswith("DK") else account[4:]


def account_of(element: etree._Element) -> str:
    """The account number in a `DbtrAcct` or `Acct`."""
    return element.findtext("{*}Id/{*}IBAN") or element.findtext("{*}Id/{*}Othr/{*}Id") or ""


def read_facts(name: str, root: etree._Element, orders: Orders, accounts: set[str]) -> FileFacts:
    """`accounts`: those that we have paid from."""
    entries = [_read_entry(name, entry, orders) for entry in _entries(root, "Stmt", accounts)]
    return FileFacts(entries, list(_listed(name, root, orders, accounts)), list(_rejected(root, orders)))


def combine(files: Sequence[FileFacts], orders: Orders) -> Statements:
    """A debit for a batch is of the transfers in it, which other files may name."""
    read = Statements(rejected={attempt for file in files for attempt in file.rejected})
    listed = {part.attempt_id for file in files for part in file.listed}
    for entry in (entry for file in files for entry in file.entries):
        read.transfers += entry.transfers
        read.credits += entry.credits
        if entry.batch:
            members = _members(entry, read.rejected, listed, orders)
            read.transfers += [replace(one, file=entry.file, on=entry.on) for one in members]
            if not members:
                read.lumps.append(Lump(entry.file, entry.batch, -entry.left_minor, entry.currency))
        elif entry.left_minor:
            read.others.append(Other(entry.file, entry.left_minor, entry.currency))
    return read


def _rejected(root: etree._Element, orders: Orders) -> Iterator[str]:
    """The attempts that a report rejects: each by a status of its own, else by that of its block or of the message. A repetition that the
    bank refuses is no rejection of the first order; two answers about the rest are none."""
    of_message = _status(root.find(".//{*}OrgnlGrpInfAndSts"), "GrpSts")
    batch = batch_in(root.findtext(".//{*}OrgnlGrpInfAndSts/{*}OrgnlMsgId"))
    main = batch
    listed: dict[str, dict[str, str]] = {}
    alone: dict[str, set[str]] = {}
    listing: dict[str, set[str]] = {}
    beside = [body for body in root.iter("{*}CstmrPmtStsRpt") if body.find("{*}TxInfAndSts") is not None]  # in no block
    for block in (*root.iterfind(".//{*}OrgnlPmtInfAndSts"), *beside):
        of_block, named = _status(block, "PmtInfSts"), batch_in(block.findtext("{*}OrgnlPmtInfId"))
        main, parts = main or named, list(block.iterfind("{*}TxInfAndSts"))
        above = of_message if named in ("", batch) or not batch else ""
        for one in parts:
            payment, number = payment_named(one.findtext("{*}OrgnlEndToEndId"))
            attempt, _ = payment_named(one.findtext("{*}OrgnlInstrId"))
            meant = meant_by((payment, attempt, named), orders, number)
            if meant is not None and is_own_id(meant.attempt_id):
                status = _status(one, "TxSts") or of_block or above
                listed.setdefault(named or main, {})[meant.attempt_id] = status
                if status == _REJECTED:
                    yield meant.attempt_id
        (listing if parts else alone).setdefault(named or main, set()).add(of_block)
    for of in {main, *alone, *listing}:
        above = of_message if of == batch or not batch else ""
        yield from _rest(orders.by_batch.get(of, ()), listed.get(of, {}), alone.get(of, set()), listing.get(of, set()), above)


def _rest(ordered: Sequence[Transfer], listed: Mapping[str, str], alone: set[str], listing: set[str], above: str) -> Iterator[str]:
    """Of an order, the transfers that are rejected and not listed: blocks that list nothing speak for them, else those that list some, else
    the message (`above`). Nobody is where it says that some are accepted and none is, or a rejected block lists an accepted one."""
    others = set(listed.values()) - {_REJECTED}
    partly = above == _PARTLY and len(ordered) > 1 and not others & _ACCEPTED
    in_part = not alone and listing - {""} and others
    if ((alone or listing) - {""} or {above}) == {_REJECTED} and not partly and not in_part:
        yield from (one.attempt_id for one in ordered if one.attempt_id not in listed)


def _status(element: etree._Element | None, name: str) -> str:
    """Empty where there is none; the refusal of a repetition is a status of its own."""
    if element is None:
        return ""
    reasons = {one.text for one in element.iterfind("{*}StsRsnInf/{*}Rsn/{*}Cd")}
    return "repetition" if reasons & _DUPLICATES else element.findtext(f"{{*}}{name}") or ""


def _entries(root: etree._Element, part: str, accounts: set[str]) -> Iterator[etree._Element]:
    """The booked entries of our accounts."""
    for statement in root.iterfind(f".//{{*}}{part}"):
        named = [account_of(account) for account in statement.iterfind("{*}Acct")]
        if any(is_account(one, own) for one in named for own in accounts):
            for entry in statement.iterfind("{*}Ntry"):
                status = entry.findtext("{*}Sts/{*}Cd") or entry.findtext("{*}Sts")  # older versions have no code element in Sts
                if status == "BOOK" or (part == "Stmt" and entry.find("{*}Sts") is None):  # a statement lists what is booked
                    yield entry


def _listed(name: str, root: etree._Element, orders: Orders, accounts: set[str]) -> Iterator[Transfer]:
    """The debits of transfers that notifications list."""
    for entry in _entries(root, "Ntfctn", accounts):
        for details in entry.iterfind("{*}NtryDtls/{*}TxDtls"):
            found = _ours(name, entry, details, orders, _signed(details, entry))
            if found is not None and not found.returned:
                yield found


def _read_entry(name: str, entry: etree._Element, orders: Orders) -> Entry:
    total = left = _signed(entry, entry)
    parts = list(entry.iterfind("{*}NtryDtls/{*}TxDtls"))
    transfers: list[Transfer] = []
    credits: list[Credit] = []
    for details in parts:
        amount = _signed(details, entry, alone=len(parts) == 1)
        found = _ours(name, entry, details, orders, amount)
        if found is not None:
            transfers.append(found)
            left -= Money(found.amount_minor if found.returned else -found.amount_minor, left.currency)
        elif amount.minor > 0:
            credits.append(Credit(name, amount.minor, amount.currency, _text(details)))
            left -= amount
    is_lump = not transfers and not credits and total.minor < 0
    batch = next(filter(None, map(batch_in, _batch_references(entry, parts))), "") if is_lump else ""
    return Entry(name, transfers, credits, left.minor, left.currency, batch, _day(entry))


def _batch_references(entry: etree._Element, parts: Sequence[etree._Element]) -> Iterator[str | None]:
    for tag in ("PmtInfId", "MsgId"):
        yield from (block.findtext(f"{{*}}Btch/{{*}}{tag}") for block in entry.iterfind("{*}NtryDtls"))
        yield from (part.findtext(f"{{*}}Refs/{{*}}{tag}") for part in parts)


def _members(entry: Entry, rejected: set[str], listed: set[str], orders: Orders) -> Sequence[Transfer]:
    """The transfers that one debit for the batch consists of: all that are ordered in it and not rejected, else those that a notification
    lists; none where neither has the amount."""
    of_batch = orders.by_batch.get(entry.batch, ())
    remaining = [one for one in of_batch if one.attempt_id not in rejected]
    named = [one for one in of_batch if one.attempt_id in listed]
    sums = (found for found in (remaining, named) if sum(one.amount_minor for one in found) == -entry.left_minor)
    return next(sums, ())


def _ours(name: str, entry: etree._Element, details: etree._Element, orders: Orders, amount: Money) -> Transfer | None:
    """The transaction with the transfer that its references name; None where they have the form of none of ours. Where the bank gives no
    amount (0), that of the order."""
    texts = {tag: details.findtext(f"{{*}}Refs/{{*}}{tag}") for tag in _REFERENCES}
    batch = batch_in(texts["PmtInfId"] or entry.findtext("{*}NtryDtls/{*}Btch/{*}PmtInfId"))
    (payment, number), (attempt, _) = payment_named(texts["EndToEndId"]), payment_named(texts["InstrId"])
    if not (is_own_id(payment) or is_own_id(attempt)):
        payment, number, attempt = copied(orders, texts["PmtInfId"], texts["MsgId"])
    names = payment, attempt, batch
    if not (is_own_id(payment) or is_own_id(attempt)):
        return None
    meant = meant_by(names, orders, number)
    disbursement, attempt = (meant.disbursement_id, meant.attempt_id) if meant else names[:2]
    minor = abs(amount.minor) or (meant.amount_minor if meant else 0)
    came_back = amount.minor > 0
    part = came_back and meant is not None and minor < meant.amount_minor
    return Transfer(name, disbursement, attempt, minor, amount.currency, came_back, batch, _day(entry), part, number)


def copied(orders: Orders, *texts: str | None) -> tuple[str, int | None, str]:
    """The payment with the number of the attempt, or the attempt, whose reference stands in the place of one of the order; else empty."""
    for named, number in map(payment_named, texts):
        if named in orders.by_disbursement:
            return named, number, ""
        if named in orders.by_attempt:
            return "", None, named
    return "", None, ""


def meant_by(names: tuple[str, str, str], orders: Orders, number: int | None = None) -> Transfer | None:
    """The ordered transfer. Where several attempts may be meant, one without an attempt of its own. `number`: which attempt at its payment
    the bank names."""
    disbursement, attempt, batch = names
    if attempt == disbursement:
        attempt = ""  # some banks copy the one to the other
    by_attempt, by_disbursement = is_own_id(attempt), is_own_id(disbursement)
    known = orders.by_attempt.get(attempt, ()) if by_attempt else orders.by_disbursement.get(disbursement, ())
    if batch in (disbursement, attempt):
        batch = ""  # a copy of the EndToEndId, or of the InstrId
    fitting = [
        one
        for one in known
        if (one.disbursement_id == disbursement or not by_disbursement)
        and (one.batch_id == batch or not batch)
        and number in (None, one.number)
    ]
    if not fitting:
        return None
    return fitting[0] if len(fitting) == 1 else replace(fitting[0], attempt_id=NOT_NAMED)


def _signed(element: etree._Element, entry: etree._Element, *, alone: bool = False) -> Money:
    """Positive where money came in. `alone`: a part without an amount of its own has that of its entry."""
    amount = element.find("{*}Amt")
    for path in ("{*}AmtDtls/{*}TxAmt/{*}Amt", "{*}AmtDtls/{*}InstdAmt/{*}Amt"):
        amount = element.find(path) if amount is None else amount
    whole = entry.find("{*}Amt")
    if whole is None:
        raise ValueError("an entry without an amount")
    if amount is None or amount.get("Ccy", whole.get("Ccy")) != whole.get("Ccy"):
        if element is not entry and not alone:
            return Money(0, whole.get("Ccy", ""))
        amount = whole
    money = Money.parse(amount.text or "", whole.get("Ccy", ""))
    return money if (element.findtext("{*}CdtDbtInd") or entry.findtext("{*}CdtDbtInd")) == "CRDT" else -money


def _day(entry: etree._Element) -> date | None:
    text = entry.findtext("{*}BookgDt/{*}Dt") or entry.findtext("{*}BookgDt/{*}DtTm")
    return date.fromisoformat(text.strip()[:10]) if text else None


def _text(details: etree._Element) -> str:
    texts = (one.text or "" for tag in ("Ustrd", "Ref", "EndToEndId") for one in details.iterfind(f".//{{*}}{tag}"))
    return "".join("|".join(texts).split()).upper()


def attempts_by_day(lines: Sequence[Transfer], attempts: Mapping[str, Sequence[str]]) -> Iterator[Transfer]:
    """The lines, each with an attempt: where the bank names none of ours, a debit is of the first attempt that is not paid, and a credit
    of the last one that is. `attempts`: disbursement → the attempts that were ordered and not rejected, in their order."""
    standing: dict[str, int] = {}
    for line in sorted(lines, key=lambda one: (one.on or date.min, one.returned)):
        attempt = line.attempt_id
        if not is_own_id(attempt):
            known = list(attempts.get(line.disbursement_id, ()))
            paid = [one for one in known if standing.get(one, 0) > 0]
            free = [one for one in known if one not in standing]
            chosen = (paid[-1:] if line.returned else free[:1]) or known[-1:] or [line.attempt_id]
            attempt = chosen[0]
        standing[attempt] = standing.get(attempt, 0) + (-line.amount_minor if line.returned else line.amount_minor)
        yield replace(line, attempt_id=attempt)
