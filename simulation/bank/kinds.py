"""How banks differ in what they write: one kind a table of `kinds.toml`. Every kind books the same money."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).with_name("kinds.toml")
_ACCOUNTS = "accounts"


class Booking(StrEnum):
    """Of a batch. LISTED: one debit that lists its transfers. SINGLE: a debit for each. LUMP: one debit that names the batch alone."""

    LISTED = "listed"
    SINGLE = "single"
    LUMP = "lump"


@dataclass(frozen=True, slots=True)
class BankKind:
    """`notifies`: messages that say a booking before the statement does, each under references of its own. `references`: those that a debit
    has, `return_references` a return. `instr_id`: 'own' for the bank's number, else the text that stands for ours; empty: ours.
    `charge_minor`: of each debit, inside its entry; `return_charge_minor`: kept of each return. `returns`: 'marked' or 'unmarked'.
    `account`: 'iban' or 'bban'. `entries_per_page` 0: no pages. `doubled_percent`: of all debits. `report`: 'listed', or 'blocks': one of
    the rejected transfers and one of the others."""

    name: str = "listed"
    seen: str = ""
    booking: Booking = Booking.LISTED
    notifies: tuple[str, ...] = ()
    references: tuple[str, ...] = ("MsgId", "PmtInfId", "InstrId", "EndToEndId")
    return_references: tuple[str, ...] = ("MsgId", "PmtInfId", "InstrId", "EndToEndId")
    instr_id: str = ""
    capitals: bool = False
    statement_version: str = "08"
    report_version: str = "10"
    charge_minor: int = 0
    return_charge_minor: int = 0
    returns: str = "marked"
    account: str = "iban"
    entries_per_page: int = 0
    other_account: bool = False
    doubled_percent: int = 0
    report: str = "listed"
    stray_rejection: bool = False

    @property
    def answers_a_batch_at_once(self) -> bool:
        """No transfer of a batch is answered or booked later than the others."""
        return self.booking is Booking.LUMP or self.report == "blocks"


def _read() -> tuple[Mapping[str, BankKind], Mapping[str, str]]:
    tables: dict[str, dict[str, Any]] = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    accounts = tables.pop(_ACCOUNTS)
    return {name: _kind(name, table) for name, table in tables.items()}, {str(account): str(kind) for account, kind in accounts.items()}


def _kind(name: str, table: dict[str, Any]) -> BankKind:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    values |= {"name": name, "booking": Booking(table.get("booking", Booking.LISTED))}
    return BankKind(**values)


KINDS, OF_DEMONSTRATION = _read()
PLAIN = KINDS["listed"]


class Kinds:
    """Which kind of bank keeps each account: from a file (JSON: account → name of a kind) that may change at any time, or fixed."""

    def __init__(self, chosen: Mapping[str, str] | Path | None = None) -> None:
        self._chosen = chosen

    def of(self, account: str) -> BankKind:
        """The plain one of an account without a kind."""
        chosen = self._chosen
        if isinstance(chosen, Path):
            chosen = json.loads(chosen.read_text(encoding="utf-8")) if chosen.exists() else {}
        return KINDS.get((chosen or {}).get(account, ""), PLAIN)


def bank_reference(*parts: object) -> str:
    """Returns a reference of the bank, derived from `parts`; 32 characters."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:32]


def reference_for(kind: BankKind, instr_id: str) -> str:
    """What the bank gives back in the place of our InstrId."""
    if kind.instr_id == "own":
        return f"B{bank_reference('instruction', instr_id)[:15].upper()}"
    return kind.instr_id or instr_id


def write_kinds(path: Path, chosen: Mapping[str, str]) -> None:
    """In one step, since the bank may be reading."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(json.dumps(dict(chosen)), encoding="utf-8")
    temporary.replace(path)
