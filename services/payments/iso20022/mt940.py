"""The movements of the account as SWIFT writes them: MT940 statements, and MT942 reports of the day as information.

For banks that have nothing else. The values are those of `camt053`, so that matching, desk and balances are the same. A message is one
page: :60F: or :60M: begins it, :62F: or :62M: ends it, and pages of one statement follow on each other by their balances, in any order
in the file where :28C: numbers them.

Source: SWIFT user handbook, category 9, and the annex that `swift_details` names.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypedDict

from services.payments.iso20022.camt053 import (
    BOOKED,
    AccountStatement,
    Direction,
    Statement,
    Transaction,
    UnreadPart,
    require_readable,
)
from services.payments.iso20022.model import own_batch_id, own_payment
from services.payments.iso20022.swift_details import Details, read_details
from services.payments.iso20022.swift_fields import Field, Message, holds_swift, read_messages
from shared.kernel.errors import Refused
from shared.kernel.money import Money

MT_STATEMENT, MT_INTRADAY = "MT940", "MT942"
EXPECTED = "PDNG"
"""The status of an expected movement (marks EC and ED)."""

_OPENING, _CLOSING = ("60F", "60M", "60"), ("62F", "62M", "62")
_OF_THE_DAY = ("34F", "13D", "13", "90C", "90D")
_BALANCE = re.compile(r"(?P<mark>[CD])(?P<day>[0-9]{6})(?P<currency>[A-Z]{3})\s?(?P<amount>[0-9,.]{1,21})")
_ENTRY = re.compile(
    r"(?P<value>[0-9]{6})(?P<entry>[0-9]{4})?\s{0,4}(?P<mark>R?[CD]|E[CD])(?P<funds>[A-Z])?\s?(?P<amount>[0-9][0-9,.]{0,20})(?![0-9.,])"
    r"(?P<type>[A-Z][A-Z0-9]{3})?(?P<rest>.*)"
)
_RETURNED_ITEM = "RTI"
_NUMBERED = re.compile(r"(?P<statement>.*)/(?P<page>[0-9]{1,5})")
_PART = r"[A-Z]{3}[0-9,]{1,21}"
_CHARGED = re.compile(rf"/OCMT/(?P<sent>{_PART})/{{0,2}}\s?/?CHGS/(?P<charge>{_PART})")
_NO_REFERENCE = frozenset({"", "NONREF", "KREF+"})
"""The last one: it is in field :86:."""
_BANK_CODE = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?/(?=.)")
_SHORTEST_NUMBERS = {4: 10, 8: 10}
"""Digits of a bank code → digits of the account number behind it in the IBAN (Denmark, Germany)."""


@dataclass(frozen=True, slots=True)
class _Page:
    """One message. `is_first`, `is_last`: of its statement."""

    account: str
    number: str
    opening: Money
    closing: Money
    opened_on: date
    closed_on: date
    is_first: bool
    is_last: bool
    transactions: tuple[Transaction, ...]

    @property
    def place(self) -> tuple[str, int]:
        """Which statement, and which page of it: 7 and 1 of '7/1'. 0 where the bank does not number pages."""
        found = _NUMBERED.fullmatch(self.number)
        return (found["statement"], int(found["page"])) if found else (self.number, 0)


def is_swift(data: bytes) -> bool:
    """Whether `read_swift` is the reader of this file, by its content."""
    return holds_swift(data)


def read_swift(data: bytes, *, max_bytes: int) -> Statement:
    """As `camt053.read_statement`, of a file of MT940 or MT942 messages; `message` says which."""
    messages = read_messages(data, max_bytes)
    intraday = [message.find(*_OPENING) is None and message.find(*_OF_THE_DAY) is not None for message in messages]
    if any(intraday) and not all(intraday):
        raise Refused(
            "not-one-message", "The document has {count} messages of its namespace, not one.", field="MT940, MT942", count=len(messages)
        )
    accounts: list[AccountStatement] = []
    unread: list[UnreadPart] = []
    pages: list[_Page] = []
    for message in messages:
        account = _account(message)
        try:
            if all(intraday):
                accounts.append(_report(account, message))
            else:
                pages.append(_page(account, message))
        except Refused as refusal:
            unread.append(UnreadPart(account, _currency(message), refusal))
    accounts += [_statement(group) for group in _grouped(_in_order(pages))]
    require_readable(accounts, unread)
    kind = MT_INTRADAY if all(intraday) else MT_STATEMENT
    return Statement(kind, messages[0].required("20").text, tuple(accounts), tuple(unread))


def _in_order(pages: Sequence[_Page]) -> list[_Page]:
    """Those of one statement together, wherever in the file they stand, by their numbers where each has one of its own."""
    found: dict[tuple[str, str, str], list[_Page]] = {}
    for page in pages:
        found.setdefault((page.account, page.opening.currency, page.place[0]), []).append(page)
    for group in found.values():
        if len({page.place for page in group}) == len(group):
            group.sort(key=lambda page: page.place)
    return [page for group in found.values() for page in group]


def _grouped(pages: Sequence[_Page]) -> Iterator[list[_Page]]:
    """The pages of each statement that follow on each other."""
    group: list[_Page] = []
    for page in pages:
        if group and not _follows(page, group[-1]):
            yield group
            group = []
        group.append(page)
    if group:
        yield group


def _follows(page: _Page, before: _Page) -> bool:
    """By the balance at which the page before it ended. The bookings of a page that is missing may change no balance: its number is
    missing too."""
    (statement, number), (statement_before, number_before) = page.place, before.place
    if before.is_last or page.is_first or (before.account, before.closing) != (page.account, page.opening):
        return False
    return statement != statement_before or number <= number_before + 1


def _statement(pages: Sequence[_Page]) -> AccountStatement:
    """The balance before it is that of the day before, so the statement has the days after; nothing is known of days where a page is
    missing."""
    first, last = pages[0], pages[-1]
    transactions = tuple(transaction for page in pages for transaction in page.transactions)
    read = AccountStatement(first.number, first.account, first.opening, last.closing, transactions)
    if not (first.is_first and last.is_last):
        return read
    return replace(read, first_day=min(first.opened_on + timedelta(days=1), last.closed_on), last_day=last.closed_on)


def _report(account: str, message: Message) -> AccountStatement:
    """Balances that prove something are none of a report of the day."""
    limit = message.find("34F", "90D", "90C")
    found = re.search(r"[A-Z]{3}", limit.text) if limit else None
    currency = found[0] if found else ""
    return AccountStatement(_number(message), account, None, None, tuple(_transactions(message, currency)))


def _page(account: str, message: Message) -> _Page:
    opening, closing = message.required(*_OPENING), message.required(*_CLOSING)
    opened_on, at_first = _balance(opening)
    closed_on, at_last = _balance(closing)
    transactions = tuple(_transactions(message, at_first.currency))
    is_first, is_last = not opening.tag.endswith("M"), not closing.tag.endswith("M")
    return _Page(account, _number(message), at_first, at_last, opened_on, closed_on, is_first, is_last, transactions)


def _balance(one: Field) -> tuple[date, Money]:
    found = _BALANCE.fullmatch(one.text)
    if found is None:
        raise one.bad_amount(one.text)
    amount = one.money(found["amount"], found["currency"])
    return one.day(found["day"]), amount if found["mark"] == "C" else -amount


def _currency(message: Message) -> str | None:
    balance = message.find(*_OPENING, *_CLOSING, "34F", "90D", "90C")
    found = re.search(r"[A-Z]{3}", balance.text) if balance else None
    return found[0] if found else None


def _number(message: Message) -> str:
    named = message.find("28C", "28") or message.find("20")
    return named.text[:35] if named else ""


def _account(message: Message) -> str:
    """An IBAN, or the number within it: without the bank's BIC before it, the currency after it, and what parts bank code and number."""
    text = "".join(message.required("25", "25P").text.split()).lstrip("/")
    text = _BANK_CODE.sub("", text, count=1)
    currency = _currency(message)
    if currency and text.endswith(currency) and text[: -len(currency)][-1:].isdigit():
        text = text[: -len(currency)]
    bank, sign, number = text.partition("/") if "/" in text else text.partition("-")
    if sign and bank.isdigit() and number.isdigit():
        return bank + number.zfill(_SHORTEST_NUMBERS.get(len(bank), 0))
    return text[:35]


def _transactions(message: Message, currency: str) -> Iterator[Transaction]:
    """A field :86: behind the closing balance is about the statement, not about its last entry."""
    entry: Field | None = None
    details: list[str] = []
    for one in (*message.fields, Field("62F", 0, [""])):
        if one.tag == "86":
            details += one.lines
            continue
        if entry is not None and one.tag != "NS":
            yield from _read_entry(entry, read_details(details), currency)
            entry = None
        if one.tag == "61":
            entry, details = one, []


def _read_entry(one: Field, details: Details, currency: str) -> Iterator[Transaction]:
    found = _ENTRY.fullmatch(one.text)
    if found is None:
        raise one.bad_entry()
    mark = found["mark"]
    direction = Direction.CREDIT if mark in ("C", "RD", "EC") else Direction.DEBIT
    customer, _, bank = found["rest"].partition("//")
    came_back = details.is_return or (found["type"] or "")[1:] == _RETURNED_ITEM
    is_return = mark.startswith("R") or (direction is Direction.CREDIT and came_back)
    whole = Transaction(
        amount=one.money(found["amount"], currency),
        direction=direction,
        status=EXPECTED if mark.startswith("E") else BOOKED,
        booked_on=_booked_on(one, found["value"], found["entry"]),
        bank_reference=_reference(bank),
        is_return=is_return,
        return_reason=details.return_reason if is_return else None,
        return_words=details.purpose[-1:] if is_return else (),
        remittance=details.purpose,
        **_references(details, _reference(customer)),
    )
    yield from _without_charge(one, whole, " ".join((*one.lines[1:], *details.purpose[:1])))


class _References(TypedDict):
    message_id: str | None
    pmt_inf_id: str | None
    end_to_end_id: str | None
    instr_id: str | None


def _references(details: Details, owner: str | None) -> _References:
    """`owner`: the reference for the account owner in :61:. It has 16 characters; where a bank writes a whole reference of ours there, it
    is that of the payment."""
    order, end_to_end_id, instr_id = (_reference(details.reference(*keys)) for keys in (("KREF", "PREF"), ("EREF",), ("IREF",)))
    if details.is_single and order and own_payment(end_to_end_id) and not own_batch_id(order):
        order, instr_id = None, instr_id or order
    if not own_payment(end_to_end_id) and _is_second_attempt(order):
        order, end_to_end_id = None, order
    if end_to_end_id is None and order is None and own_payment(owner):
        owner, end_to_end_id = None, owner
    order = order or owner
    names_block = own_batch_id(order) is not None
    return {
        "message_id": None if names_block else order,
        "pmt_inf_id": order if names_block else None,
        "end_to_end_id": end_to_end_id,
        "instr_id": instr_id,
    }


def _is_second_attempt(order: str | None) -> bool:
    """A copy of the EndToEndId of an attempt that is not the first one, which no batch can have."""
    named = own_payment(order)
    return named is not None and named[1] is not None and not own_batch_id(order)


def _without_charge(one: Field, whole: Transaction, said: str) -> Iterator[Transaction]:
    """What was sent, and the charge within the entry as a line of its own, where the bank says both in the currency of the account."""
    found = _CHARGED.search(said)
    if found and whole.direction is Direction.DEBIT:
        currency = whole.amount.currency
        parts = [found[name] for name in ("sent", "charge")]
        if all(part.startswith(currency) for part in parts):
            sent, charge = (one.money(part[3:], currency) for part in parts)
            if charge.minor and sent + charge == whole.amount:
                yield replace(whole, amount=sent)
                yield Transaction(charge, whole.direction, whole.status, whole.booked_on, whole.bank_reference)
                return
    yield whole


def _reference(text: str | None) -> str | None:
    plain = (text or "").strip()
    return None if plain in _NO_REFERENCE else plain[:35]


def _booked_on(one: Field, value: str, entry: str | None) -> date:
    """The entry date, of the year in which it is next to the value date; without one the value date."""
    valued_on = one.day(value)
    if entry is None:
        return valued_on
    years = (valued_on.year - 1, valued_on.year, valued_on.year + 1)
    days = [one.day(f"{year % 100:02}{entry}") for year in years]
    return min(days, key=lambda day: abs(day - valued_on))
