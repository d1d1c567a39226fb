"""A small MT940 reader of our own for the recount, independent of the product's: what was booked on which account, by which reference."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from operations.verify.bank_statements import Credit, Entry, FileFacts, Orders, StatementDays, Transfer, meant_by, own_id
from shared.kernel.money import Money

_MESSAGE = re.compile(r"(?m)^(?:\{.*\{4:)?(?=:20:)")
_FIELD = re.compile(r"(?ms)^:(25P?|60[FM]|61|86|62[FM]):(.*?)(?=^:\d\d[A-Z]?:|\Z)")
_LINE = re.compile(r"\d{6}(?:\d{4})?(?P<mark>R?[CD])[A-Z]?(?P<amount>\d+,\d*)(?P<kind>[A-Z][A-Z0-9]{3})?")
_ID = r"(?:[0-9a-fA-F]\s*(?:\?\d\d)?){32}"
_END_TO_END = re.compile(rf"(?:EREF\s*(?:\?\d\d)?[+:]\s*|/EREF/)(?P<id>{_ID})")
_RETURNED = re.compile(r"(?:159|160)\?|.*/RTRN/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Movement:
    """`reference`: the EndToEndId as 32 hexadecimal digits, or empty. `text`: all that is written about it."""

    amount: Money
    is_credit: bool
    is_return: bool
    reference: str
    text: str


@dataclass(frozen=True, slots=True)
class SwiftStatement:
    """A message. `first` and `last` are None where pages before or behind it are other messages."""

    account: str
    movements: tuple[Movement, ...]
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
            whole = "60F" in named and "62F" in named
            last = _day(closing)
            first = min(_day(opening) + timedelta(days=1), last)
            account = named.get("25") or named.get("25P") or ""
            yield SwiftStatement(account, tuple(_movements(fields, opening[7:10])), first if whole else None, last if whole else None)


def swift_facts(name: str, statements: Sequence[SwiftStatement], orders: Orders, accounts: set[str]) -> FileFacts:
    """What the statements of our accounts book. `accounts`: those that we have paid from."""
    movements = (one for each in statements if any(map(each.is_of, accounts)) for one in each.movements)
    return FileFacts([_entry(name, one, orders) for one in movements], (), ())


def swift_days(statements: Sequence[SwiftStatement], accounts: set[str]) -> Iterator[StatementDays]:
    for each in statements:
        if each.first and each.last:
            yield from (StatementDays(account, each.first, each.last) for account in sorted(accounts) if each.is_of(account))


def _entry(name: str, one: Movement, orders: Orders) -> Entry:
    minor, currency = one.amount.minor, one.amount.currency
    if one.reference and one.is_return == one.is_credit:
        meant = meant_by((own_id(one.reference), "", ""), orders)
        disbursement, attempt = (meant.disbursement_id, meant.attempt_id) if meant else (own_id(one.reference), own_id(None))
        part = one.is_return and meant is not None and minor < meant.amount_minor
        return Entry(name, [Transfer(name, disbursement, attempt, minor, currency, one.is_return, part=part)], (), 0, currency, "", None)
    if one.is_credit and not one.is_return:
        text = "".join(re.sub(r"\?\d\d", "", one.text).split()).upper()
        return Entry(name, (), [Credit(name, minor, currency, text)], 0, currency, "", None)
    return Entry(name, (), (), minor if one.is_credit else -minor, currency, "", None)


def _movements(fields: Sequence[tuple[str, str]], currency: str) -> Iterator[Movement]:
    for number, (tag, text) in enumerate(fields):
        line = _LINE.match(text)
        if tag == "61" and line is not None:
            following = fields[number + 1 :]
            end = next((at for at, (name, _) in enumerate(following) if name != "86"), len(following))
            details = "\n".join(value for _, value in following[:end])
            found = _END_TO_END.search(details.replace("\n", ""))
            reference = re.sub(r"\?\d\d|\s", "", found["id"]).lower() if found else ""
            is_credit = line["mark"] in ("C", "RD")
            returned = line["mark"].startswith("R") or (is_credit and bool(_RETURNED.match(details) or line["kind"] == "NRTI"))
            yield Movement(Money.parse(line["amount"].replace(",", "."), currency), is_credit, returned, reference, f"{text}\n{details}")


def _day(balance: str) -> date:
    return date(2000 + int(balance[1:3]), int(balance[3:5]), int(balance[5:7]))


def _text(data: bytes) -> str:
    return data.removeprefix(b"\xef\xbb\xbf").decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
