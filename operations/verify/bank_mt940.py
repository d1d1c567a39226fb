"""A small MT940 reader of our own for the recount, independent of the product's: what was booked on which account, by which reference."""

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from operations.verify.bank_statements import (
    Credit,
    Entry,
    FileFacts,
    Orders,
    StatementDays,
    Transfer,
    is_own_id,
    meant_by,
    own_id,
    payment_named,
)
from shared.kernel.money import Money

_MESSAGE = re.compile(r"(?m)^(?:\{.*\{4:)?(?=:20:)")
_FIELD = re.compile(r"(?ms)^:(25P?|28C?|60[FM]|61|86|62[FM]):(.*?)(?=^:\d\d[A-Z]?:|\Z)")
_LINE = re.compile(
    r"(?P<valued>\d{6})(?P<booked>\d{4})?\s*(?P<mark>R?[CD])[A-Z]?\s?(?P<amount>\d+,\d*)(?P<kind>[A-Z][A-Z0-9]{3})?"
    r"(?P<owner>[0-9a-fA-F]{32}(?:-?[0-9]{1,3})?(?![0-9a-fA-F]))?"
)
_SIGN = re.compile(r"(?:\d{3})?([^\w\s/:(),.'+-])(?=\d{2})")
_ID = r"(?:[0-9a-fA-F]\s*(?:\?\d\d)?){32}"
_KEY = r"(?:{0}\s*(?:\?\d\d)?[+:]\s*|/{0}/)(?P<id>{1}(?P<block>-\s*(?:\?\d\d)?\s*1(?![0-9]))?)"
_END_TO_END, _ORDER, _INSTRUCTION = (re.compile(_KEY.format(key, _ID)) for key in ("EREF", "[KP]REF", "IREF"))
_ATTEMPT = re.compile(
    r"(?:EREF\s*(?:\?\d\d)?[+:]\s*|/EREF/)(?:[0-9a-fA-F]\s*(?:\?\d\d)?){31}[0-9a-fA-F]"
    r"(?:(?P<dash>\s?(?:\?\d\d)?-\s?(?:\?\d\d)?)?(?P<number>[0-9]{1,3}))(?=(?(dash)[^0-9a-fA-F]|[?/])|[A-Z]{3,4}[+:]|$)"
)
"""The number of the attempt; where the dash is left out, directly behind the payment and with nothing behind it."""
_CHARGED = re.compile(r"/OCMT/(?P<currency>[A-Z]{3})(?P<sent>[0-9,]+)/{0,2}\s?/?CHGS/(?P=currency)(?P<charge>[0-9,]+)")
_RETURNED = re.compile(r"(?:159|160)\?|.*/RTRN/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Movement:
    """`payment` and `attempt`: what EREF and IREF have, as canonical ids, or empty; `number` of the attempt at the payment. `order`: what
    KREF or PREF has; `is_block` where that can only be the group of transfers in a file. `charge_minor`: what the bank kept of the amount.
    `text`: all that is written of it."""

    amount: Money
    on: date
    is_credit: bool
    is_return: bool
    payment: str
    attempt: str
    order: str
    is_block: bool
    charge_minor: int
    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class SwiftStatement:
    """A message: a page from one balance to the other. `number` of the page, 0 where the bank gives none. `first` day: None where a page
    comes before it; `last`: where one follows."""

    account: str
    movements: tuple[Movement, ...]
    number: int
    opening: str
    closing: str
    first: date | None
    last: date | None

    def is_of(self, own_account: str) -> bool:
        """However the account is written: IBAN or the number within it, with a currency behind it or what parts bank and number."""
        number = re.sub(r"[^0-9A-Z]", "", self.account)
        return number.startswith(own_account) or (len(number) > 9 and own_account.endswith(number))


def is_mt940(data: bytes) -> bool:
    return not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and _MESSAGE.search(_text(data)[:5_000]) is not None


def read_mt940(data: bytes) -> list[SwiftStatement]:
    """Those that book: a report of the day (MT942) has no balances and is left out. ValueError for an amount that is none."""
    return list(_messages(_text(data)))


def _messages(text: str) -> Iterator[SwiftStatement]:
    for part in _MESSAGE.split(text)[1:]:
        fields = [(found[1], found[2].strip()) for found in _FIELD.finditer(part)]
        named = dict(reversed(fields))
        opening, closing = named.get("60F") or named.get("60M"), named.get("62F") or named.get("62M")
        if opening and closing:
            account = named.get("25") or named.get("25P") or ""
            first = _day(opening) + timedelta(days=1) if "60F" in named else None
            last = _day(closing) if "62F" in named else None
            movements = tuple(_movements(fields, opening[7:10]))
            page = re.search(r"/(\d{1,5})$", named.get("28C") or named.get("28") or "")
            number = int(page[1]) if page else 0
            yield SwiftStatement(account, movements, number, _balance(opening), _balance(closing), first, last)


def swift_facts(name: str, statements: Sequence[SwiftStatement], orders: Orders, accounts: set[str]) -> FileFacts:
    """What the statements of our accounts book. `accounts`: those that we have paid from."""
    movements = (one for each in statements if any(map(each.is_of, accounts)) for one in each.movements)
    return FileFacts([_entry(name, one, orders) for one in movements], (), ())


def swift_days(statements: Sequence[SwiftStatement], accounts: set[str]) -> Iterator[StatementDays]:
    """Of each statement from its first page to its last one, wherever in the file they stand."""
    later = defaultdict[tuple[str, str, int], list[SwiftStatement]](list)
    for each in statements:
        if each.first is None:
            later[each.account, each.opening, each.number].append(each)
    for each in statements:
        page = each if each.first else None
        while page is not None and page.last is None:
            page = _next_page(page, later)
        if page is not None and page.last and each.first:
            first = min(each.first, page.last)
            yield from (StatementDays(account, first, page.last) for account in sorted(accounts) if each.is_of(account))


def _next_page(page: SwiftStatement, later: Mapping[tuple[str, str, int], list[SwiftStatement]]) -> SwiftStatement | None:
    """It begins with the balance at which `page` ends, and has the next number; or the same one, where the bank does not count
    pages."""
    for number in (page.number + 1, page.number):
        if following := later[page.account, page.closing, number]:
            return following.pop(0)
    return None


def _entry(name: str, one: Movement, orders: Orders) -> Entry:
    """KREF has the attempt of a single transfer, or the file or the group of transfers that is booked as one amount."""
    minor, currency = one.amount.minor, one.amount.currency
    if not is_own_id(one.payment) and one.order in orders.by_disbursement:  # a copy of the EndToEndId
        one = replace(one, payment=one.order, order="", is_block=False, number=1 if one.is_block else None)
    attempt = one.attempt or (one.order if one.order in orders.by_attempt and not one.is_block else "")
    batch = one.order if one.is_block or one.order in orders.by_batch else ""
    meant = meant_by((one.payment, attempt, batch), orders, one.number)
    if (one.is_return == one.is_credit and (one.payment or attempt)) or (one.is_credit and meant):
        disbursement, which = (meant.disbursement_id, meant.attempt_id) if meant else (own_id(one.payment), own_id(attempt))
        minor -= one.charge_minor
        part = one.is_credit and meant is not None and minor < meant.amount_minor
        found = Transfer(name, disbursement, which, minor, currency, one.is_credit, batch, one.on, part, one.number)
        return Entry(name, [found], (), -one.charge_minor, currency, "", one.on)
    if one.is_credit and not one.is_return:
        text = "".join(re.sub(r"\?\d\d", "", one.text).split()).upper()
        return Entry(name, (), [Credit(name, minor, currency, text)], 0, currency, "", one.on)
    lump = batch if not (one.is_credit or one.is_return) else ""
    return Entry(name, (), (), minor if one.is_credit else -minor, currency, lump, one.on)


def _movements(fields: Sequence[tuple[str, str]], currency: str) -> Iterator[Movement]:
    for number, (tag, text) in enumerate(fields):
        line = _LINE.match(text)
        if tag == "61" and line is not None:
            following = fields[number + 1 :]
            end = next((at for at, (name, _) in enumerate(following) if name != "86"), len(following))
            details = "\n".join(value for _, value in following[:end])
            if sign := _SIGN.match(details):
                details = details.replace(sign[1], "?")
            yield _movement(line, text, details, currency)


def _movement(line: re.Match[str], text: str, details: str, currency: str) -> Movement:
    joined = details.replace("\n", "")
    (payment, _), (order, is_block), (attempt, _) = (_named(key, joined) for key in (_END_TO_END, _ORDER, _INSTRUCTION))
    numbered = _ATTEMPT.search(joined)
    number = int(numbered["number"]) if numbered else None
    is_credit = line["mark"] in ("C", "RD")
    returned = line["mark"].startswith("R") or (is_credit and bool(_RETURNED.match(details) or line["kind"] == "NRTI"))
    amount, charged = _money(line["amount"], currency), _CHARGED.search(f"{text} {details}")
    charge_minor = 0
    if charged and charged["currency"] == currency and not is_credit:
        sent, charge = _money(charged["sent"], currency), _money(charged["charge"], currency)
        charge_minor = charge.minor if sent + charge == amount else 0
    if not payment and not order and line["owner"]:
        payment, number = payment_named(line["owner"])
    return Movement(
        amount, _booked_on(line), is_credit, returned, payment, attempt, order, is_block, charge_minor, f"{text}\n{details}",
        number,
    )  # fmt: skip


def _named(key: re.Pattern[str], details: str) -> tuple[str, bool]:
    """The id behind the key, which may go on in the next subfield; and whether it is that of a group of transfers."""
    found = key.search(details)
    if found is None:
        return "", False
    return own_id(re.sub(r"\?\d\d|\s", "", found["id"])[:32]), found["block"] is not None


def _money(text: str, currency: str) -> Money:
    return Money.parse(text.replace(",", "."), currency)


def _booked_on(line: re.Match[str]) -> date:
    """The entry date has no year: it is next to the value date."""
    valued = _date(line["valued"])
    if line["booked"] is None:
        return valued
    years = (f"{year % 100:02}" for year in (valued.year - 1, valued.year, valued.year + 1))
    return min((_date(year + line["booked"]) for year in years), key=lambda day: abs(day - valued))


def _date(text: str) -> date:
    """Banks that count every month as thirty days write 30 February: it is the last day there is."""
    year, month, day = 2000 + int(text[:2]), int(text[2:4]), int(text[4:6])
    return date(year, month, min(day, monthrange(year, month)[1]))


def _day(balance: str) -> date:
    return _date(balance[1:7])


def _balance(written: str) -> str:
    """Its line, without the day."""
    return written[:1] + "".join(written.partition("\n")[0][7:].split())


def _text(data: bytes) -> str:
    return data.removeprefix(b"\xef\xbb\xbf").decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
