"""The movements of the account: camt.053 statements, camt.054 notifications and camt.052 reports of the day, .02 to .14, every transaction.

The versions differ in what is read here only by where a status and an amount stand, so one reader knows both places of each.
A bank that books a batch as one debit lists its transfers below the entry; each comes out as a transaction of its own,
with the batch's PmtInfId. An entry without details comes out as one transaction without an EndToEndId, and so does what
the details of an entry leave of its amount (a charge, a transfer that is not listed), so that nothing booked is lost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise

from lxml import etree

from services.payments.iso20022.xml_reader import Node, read_message
from shared.kernel.errors import Refused
from shared.kernel.money import MINOR_DIGITS, Money

INTRADAY, STATEMENT, NOTIFICATION = "camt.052", "camt.053", "camt.054"
_PARTS = {INTRADAY: "Rpt", STATEMENT: "Stmt", NOTIFICATION: "Ntfctn"}
_BODIES = {f"{kind}.001.{version:02}": part for kind, part in _PARTS.items() for version in range(2, 15)}
MESSAGES = frozenset(_BODIES)
BOOKED = "BOOK"
_LONGEST_NUMBER = 5
"""Digits of the number of a page (ISO 20022: Max5NumericText)."""
_OPENING, _CLOSING, _OF_PAGE = ("OPBD", "PRCD"), ("CLBD",), ("ITBD",)
"""Kinds of balances: of the whole statement, and where one of its pages begins or ends. The opening balance may be the closing one of the
statement before (PRCD)."""


_NOTHING = Node(etree.Element("nothing"))
"""In the place of an element that is not there."""


class Direction(StrEnum):
    """Seen from our account: DEBIT leaves it."""

    DEBIT = "DBIT"
    CREDIT = "CRDT"


_DIRECTIONS = {direction.value: direction for direction in Direction}


@dataclass(frozen=True, slots=True)
class Transaction:
    """One movement. `amount` is not negative. `status` other than BOOK (PDNG, INFO) has not moved money.

    `booked_on` is the bank's date. A return is a CREDIT with `is_return`, its reason (AC04 ...) when the bank gave one, and the
    references of the transfer that came back. `bank_reference` is the bank's own. `remittance` is what the payer wrote, free text and
    creditor references. `return_words`: what the bank adds in words, of a return or of the entry. `party`: the name of who paid in.
    """

    amount: Money
    direction: Direction
    status: str
    booked_on: date | None
    bank_reference: str | None = None
    message_id: str | None = None
    pmt_inf_id: str | None = None
    end_to_end_id: str | None = None
    instr_id: str | None = None
    is_return: bool = False
    return_reason: str | None = None
    return_words: tuple[str, ...] = ()
    remittance: tuple[str, ...] = ()
    party: str | None = None

    @property
    def signed(self) -> Money:
        return self.amount if self.direction is Direction.CREDIT else -self.amount


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """One account's part of a file. `account` is an IBAN or the bank's number. Balances may be negative; camt.054 has none, and those of
    camt.052 prove nothing, since the day goes on.

    `first_day` to `last_day`: the days whose bookings are all in it; None where the bank does not say, or where a page is missing.
    """

    statement_id: str
    account: str
    opening: Money | None
    closing: Money | None
    transactions: tuple[Transaction, ...]
    first_day: date | None = None
    last_day: date | None = None

    @property
    def currency(self) -> str | None:
        """None where nothing in it has an amount."""
        amounts = (self.opening, self.closing, *(one.amount for one in self.transactions[:1]))
        return next((one.currency for one in amounts if one is not None), None)

    @property
    def adds_up(self) -> bool | None:
        """True when opening balance and booked transactions give the closing balance; None without balances."""
        if self.opening is None or self.closing is None:
            return None
        booked = [transaction.signed for transaction in self.transactions if transaction.status == BOOKED]
        if {one.currency for one in (*booked, self.closing)} != {self.opening.currency}:
            return False
        return sum(booked, self.opening) == self.closing


@dataclass(frozen=True, slots=True)
class UnreadPart:
    """An account's part of a file that cannot be read. `currency`: of the account, where the bank gives it."""

    account: str
    currency: str | None
    refusal: Refused


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole file. `message` is its type, 'camt.053.001.08'. `unread`: the parts of it that cannot be read."""

    message: str
    message_id: str
    accounts: tuple[AccountStatement, ...]
    unread: tuple[UnreadPart, ...] = ()

    @property
    def transactions(self) -> tuple[Transaction, ...]:
        return tuple(transaction for account in self.accounts for transaction in account.transactions)


def read_statement(data: bytes, *, max_bytes: int) -> Statement:
    """Raises `Refused` naming the element at fault, where no account's part can be read; see `xml_reader.read_message` for hostile
    input."""
    return statement_of(*read_message(data, max_bytes, MESSAGES))


def statement_of(message: str, root: Node) -> Statement:
    """Of a message that is parsed. Raises `Refused`."""
    accounts: list[AccountStatement] = []
    unread: list[UnreadPart] = []
    for (account, _), pages in _statements(root, message).items():
        try:
            accounts.append(_read_account(account, pages, kind=message[: len(STATEMENT)]))
        except Refused as refusal:
            unread.append(UnreadPart(account, _currency(pages[0]), refusal))
    if not unread and not accounts:
        raise root.missing(_BODIES[message])
    require_readable(accounts, unread)
    return Statement(message, root.required("GrpHdr/MsgId"), tuple(accounts), tuple(unread))


def _statements(root: Node, message: str) -> dict[tuple[str, str], list[Node]]:
    """The pages of each statement, wherever in the file they stand, by their numbers where each has one."""
    found: dict[tuple[str, str], list[Node]] = {}
    for body in root.each(_BODIES[message]):
        found.setdefault(_account_and_id(body), []).append(body)
    for pages in found.values():
        if all(_page_number(page) for page in pages):
            pages.sort(key=_page_number)
    return found


def _page_number(body: Node) -> int:
    """0 where the bank does not say it, or not as a number."""
    text = body.text("StmtPgntn/PgNb") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else 0


def require_readable(accounts: Sequence[AccountStatement], unread: Sequence[UnreadPart]) -> None:
    """Raises the refusal of the first part that cannot be read, where none can; but an account in a currency that no programme pays in
    is no account of ours, and is passed over."""
    refusals = [part.refusal for part in unread if part.currency is None or part.currency in MINOR_DIGITS]
    if refusals and not accounts:
        raise refusals[0]


def _account_and_id(body: Node) -> tuple[str, str]:
    """Pages of one statement have both in common."""
    return body.required("Acct/Id/IBAN", "Acct/Id/Othr/Id"), body.required("Id")


def _currency(body: Node) -> str | None:
    """Of the account: as the bank says, or that of its balances or entries."""
    amount = body.find("Bal/Amt") or body.find("Ntry/Amt")
    return body.text("Acct/Ccy") or (amount.element.get("Ccy") if amount is not None else None)


def _read_account(account: str, pages: Sequence[Node], *, kind: str) -> AccountStatement:
    """In a report of the day, or where a page is missing, nothing is known of days and balances. An entry of a statement without a status
    is booked: a statement lists what is, and its balances prove it (a central bank writes none)."""
    unsaid = BOOKED if kind == STATEMENT else None
    transactions = tuple(transaction for page in pages for entry in page.each("Ntry") for transaction in _read_entry(entry, unsaid))
    read = AccountStatement(pages[0].required("Id"), account, None, None, transactions)
    balances = [balance for page in pages for balance in page.each("Bal")] if kind != INTRADAY and _is_whole(pages) else []
    closing, opening = _balance(balances, *_CLOSING, last=True), _balance(balances, *_OPENING)
    first, last = _days(pages[0], opening, closing)
    whole = replace(read, opening=opening and opening[1], closing=closing and closing[1], first_day=first, last_day=last)
    of_page = _balance(balances, *_OF_PAGE)
    by_page = replace(whole, opening=of_page[1]) if of_page else whole
    return by_page if by_page.adds_up and not whole.adds_up else whole


def _is_whole(pages: Sequence[Node]) -> bool:
    """From the first page of the statement to its last one: also a page whose bookings change no balance may be missing."""
    if any(page > before + 1 for before, page in pairwise(map(_page_number, pages))):
        return False
    begins = pages[0].text("StmtPgntn/PgNb") is None or _page_number(pages[0]) == 1
    return begins and pages[-1].text("StmtPgntn/LastPgInd") not in ("false", "0")


def _balance(balances: Sequence[Node], *codes: str, last: bool = False) -> tuple[date | None, Money] | None:
    """Day and amount of the first of the codes that is there; of several days, of the first day or the last one. Where the bank does not
    say of which sign it is, it is a credit; what was booked proves it."""
    for code in codes:
        found = [(balance.day("Dt"), balance) for balance in balances if balance.text("Tp/CdOrPrtry/Cd") == code]
        if found:
            dated = sorted(found, key=lambda one: one[0] or date.min)
            day, balance = dated[-1 if last else 0]
            amount = _required_money(balance)
            is_debit = balance.text("CdtDbtInd") is not None and _direction(balance) is Direction.DEBIT
            return day, -amount if is_debit else amount
    return None


def _days(
    body: Node, opening: tuple[date | None, Money] | None, closing: tuple[date | None, Money] | None
) -> tuple[date | None, date | None]:
    """From the day on which the period or the opening balance begins to that of the closing balance. None without a closing balance:
    the day may go on."""
    last = closing[0] if closing else None
    if last is None:
        return None, None
    start = body.moment("FrToDt/FrDtTm")
    first = start.date() if start else (opening[0] if opening else None) or last
    return min(first, last), last


def _read_entry(entry: Node, unsaid: str | None) -> Iterator[Transaction]:
    booking = Transaction(
        amount=_required_money(entry),
        direction=_direction(entry),
        status=entry.text("Sts/Cd", "Sts/Prtry", "Sts") or unsaid or entry.required("Sts/Cd"),
        booked_on=entry.day("BookgDt") or entry.day("ValDt"),
        bank_reference=entry.text("AcctSvcrRef", "NtryRef"),
        is_return=entry.text("RvslInd") in ("true", "1") or entry.text("BkTxCd/Domn/Fmly/SubFmlyCd") == "RRTN",
        return_words=entry.texts("AddtlNtryInf"),
    )
    blocks = {block: list(block.each("TxDtls")) for block in entry.each("NtryDtls")}
    alone = sum(max(1, len(details)) for details in blocks.values()) == 1
    found = [part for block, details in blocks.items() for part in _read_block(block, details, booking, alone=alone)]
    listed = [part for part in found if part is not None]
    if len(listed) < len(found) or not found:  # what a part is worth is not known: the entry as a whole is one line
        of_batch = next(iter(blocks)) if len(blocks) == 1 else None
        yield _of_batch(booking, of_batch) if of_batch is not None else booking
        return
    yield from listed
    rest = booking.signed - sum((part.signed for part in listed), Money(0, booking.amount.currency))
    if rest.minor:
        yield replace(booking, amount=max(rest, -rest), direction=Direction.CREDIT if rest.minor > 0 else Direction.DEBIT)


def _read_block(block: Node, details: Sequence[Node], booking: Transaction, *, alone: bool) -> Iterator[Transaction | None]:
    """None for a part whose amount the bank does not give. `alone`: the entry has one part, so that the entry's amount is the part's where
    the bank does not repeat it."""
    batch = _of_batch(booking, block)
    if not details:
        amount = _part_amount(block, booking, alone, "Btch/TtlAmt")
        yield None if amount is None else replace(batch, amount=amount)
    for detail in details:
        amount = _part_amount(detail, booking, alone, "Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
        if amount is None:
            yield None
            continue
        returned, refs = detail.find("RtrInf"), detail.find("Refs") or _NOTHING
        direction = _direction(detail) if detail.text("CdtDbtInd") else booking.direction
        yield Transaction(
            amount=amount,
            direction=direction,
            status=booking.status,
            booked_on=booking.booked_on,
            bank_reference=refs.text("AcctSvcrRef") or booking.bank_reference,
            message_id=refs.text("MsgId") or batch.message_id,
            pmt_inf_id=refs.text("PmtInfId") or batch.pmt_inf_id,
            end_to_end_id=refs.text("EndToEndId"),
            instr_id=refs.text("InstrId"),
            is_return=booking.is_return or returned is not None or detail.text("BkTxCd/Domn/Fmly/SubFmlyCd") == "RRTN",
            return_reason=returned.text("Rsn/Cd", "Rsn/Prtry") if returned is not None else None,
            return_words=_words(detail, returned) + booking.return_words,
            remittance=_remittance(detail),
            party=_party(detail) if direction is Direction.CREDIT else None,
        )


def _remittance(detail: Node) -> tuple[str, ...]:
    if detail.find("RmtInf") is None:
        return ()
    free = [part.element.text or "" for part in detail.each("RmtInf/Ustrd")]
    references = [part.text("CdtrRefInf/Ref") or "" for part in detail.each("RmtInf/Strd")]
    return tuple(filter(None, (*references, *free)))


def _words(detail: Node, returned: Node | None) -> tuple[str, ...]:
    return (returned.texts("AddtlInf") if returned is not None else ()) + detail.texts("AddtlTxInf")


def _party(detail: Node) -> str | None:
    """Of money that came in: whose it was."""
    names = detail.texts("RltdPties/Dbtr/Pty/Nm") or detail.texts("RltdPties/Dbtr/Nm")
    return names[0] if names else None


def _of_batch(booking: Transaction, block: Node) -> Transaction:
    return replace(booking, message_id=block.text("Btch/MsgId"), pmt_inf_id=block.text("Btch/PmtInfId"))


def _part_amount(part: Node, booking: Transaction, alone: bool, *paths: str) -> Money | None:
    """In the currency of the entry, also where the bank does not repeat it: what somebody sent in another one is not what was booked."""
    for path in paths:
        found = part.find(path)
        if found is None or not (found.element.text or "").strip():
            continue
        if found.element.get("Ccy", booking.amount.currency) == booking.amount.currency:
            return part.money(path, booking.amount.currency)
    return booking.amount if alone else None


def _required_money(node: Node) -> Money:
    amount = node.money("Amt")
    if amount is None:
        raise node.missing("Amt")
    return amount


def _direction(node: Node) -> Direction:
    text = node.required("CdtDbtInd")
    if (direction := _DIRECTIONS.get(text)) is None:
        place = node.place("CdtDbtInd")
        raise Refused(
            "bad-indicator", "The bank file cannot be read: {element} is neither CRDT nor DBIT: {text}.", field=place,
            element=place, text=text[:10],
        )  # fmt: skip
    return direction
