"""Reads published lists of funded operations: which fields count, the row's hash, its amount and its duration.

The amount is the total eligible cost in the currency of the call; kuna are converted to euros at the fixed rate.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.kernel.money import MINOR_DIGITS, Money
from shared.policy.form import FormDefinition
from shared.policy.schema import Policy

Json = dict[str, Any]
Operation = Mapping[str, Any]

FACTS = ("country", "region", "fund", "start", "end", "total_eligible", "eu_or_grant", "currency")
HRK_PER_100_000_EUR = 753_450
"""7.53450 to the euro: Regulation (EU) 2022/1208."""

COUNTRIES: Mapping[str, tuple[str, str, str]] = {
    "EL": ("gr-central-macedonia", "GR", "Thessaloniki"),
    "HR": ("hr-koprivnica", "HR", "Koprivnica"),
    "PL": ("pl-malopolska", "PL", "Kraków"),
    "DK": ("dk-kolding", "DK", "Kolding"),
    "BE": ("be-kortrijk", "BE", "Kortrijk"),
}
"""Country as published → region of the programme, ISO 3166 code, and town of the fictional seat."""


@dataclass(frozen=True, slots=True)
class TargetCall:
    """The call that a region's operations apply to: its policy, its form, and the day it closes. The projects start after that day."""

    policy: Policy
    form: FormDefinition
    closes_on: date


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot become an application, with an error code and a sentence."""

    row_key: str
    code: str
    detail: str


def is_operation(row: Mapping[str, Any]) -> bool:
    """Returns whether a row is from such a list, with or without names."""
    return "total_eligible" in row and "country" in row


def region_of(operation: Operation) -> str:
    """The region of the programme in the operation's country; empty if there is none."""
    return COUNTRIES.get(str(operation.get("country")), ("",))[0]


def facts_of(operation: Operation) -> Json:
    """The fields of a published row that the project keeps (no names, titles or summaries), and the hash of the whole row."""
    return {name: operation.get(name) for name in FACTS} | {"hash": hash_of(operation)}


def hash_of(operation: Operation) -> str:
    """16 hex digits over the row without its region, so that an operation listed once per county keeps one hash."""
    if operation.get("hash"):
        return str(operation["hash"])
    rest = {name: value for name, value in operation.items() if name != "region"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def row_key_of(operation: Operation) -> str:
    """Differs for every row: the row's hash, and a hash of its region."""
    return f"{hash_of(operation)}-{hashlib.sha256(str(operation.get('region')).encode()).hexdigest()[:8]}"


def total_cost(operation: Operation, currency: str) -> Money:
    """Returns the eligible cost in the call's currency, rounded down to minor units. Raises ValueError '<code>: <detail>'."""
    text, given = str(operation.get("total_eligible") or "").strip(), operation.get("currency")
    if not text:
        raise ValueError("no-amount: The row has no total of eligible cost.")
    try:
        total = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"unreadable-amount: {text!r} is not a decimal number.") from error
    if not total.is_finite() or total <= 0:
        raise ValueError(f"no-amount: {text} is not an amount above zero.")
    minor = int(total.scaleb(MINOR_DIGITS[currency]))
    if given == "HRK" and currency == "EUR":
        minor, given = minor * 100_000 // HRK_PER_100_000_EUR, "EUR"
    if given != currency:
        raise ValueError(f"wrong-currency: The row is in {given}, the call in {currency}.")
    return Money(minor, currency)


def duration_days(operation: Operation) -> int | None:
    """Returns how long the operation lasted, or None if the row has no dates. Raises ValueError 'unreadable-date: …'."""
    start, end = _date(operation.get("start")), _date(operation.get("end"))
    return (end - start).days if start and end else None


def _date(text: Any) -> date | None:
    """Reads 31/12/2023, 31.12.2023 and 2023-12-31."""
    if not str(text or "").strip():
        return None
    parts = re.split(r"[./-]", str(text).strip())
    try:
        year, month, day = (int(part) for part in (parts if len(parts[0]) == 4 else reversed(parts)))
        return date(year, month, day)
    except ValueError as error:
        raise ValueError(f"unreadable-date: {text!r} is not a date.") from error
