"""What field :86: of a SWIFT statement says about a booking: references of the order, why money came back, and the payer's text.

Banks write it in four ways, which one file may mix:

* numbered subfields behind a sign, '166?00UEBERWEISUNG?20EREF+...?21KREF+...' (Germany, Austria; Poland with '~' or '<'), with SEPA keys in
  the purpose, subfields 20 to 29 and 60 to 65. A subfield has 27 characters, so that a reference goes on in the next one; a key begins one.
  KREF is the MsgId or PmtInfId of an order that is booked as one amount (business transaction codes 191 to 199), else the InstrId.
  Source: Die Deutsche Kreditwirtschaft, DFÜ agreement, annex 3, chapter 8, and statements of a German bank;
* code words between strokes, '/EREF/.../REMI/...' (the Benelux). PREF is the PmtInfId;
* SEPA keys in plain text;
* plain text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

_NUMBERED = re.compile(r"(?P<code>[0-9]{3})?(?P<sign>\?|[^\w\s/:(),.'+-])(?=[0-9]{2})")
_PURPOSE = frozenset(f"{number:02}" for number in (*range(20, 30), *range(60, 66)))
_BOOKING_TEXT = "00"
_KEYS = "EREF|KREF|MREF|MTLG|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|PREF|IREF|IBAN|BIC|PURP|SQTP|DDAT|MDAT|ORCR|ORMR|RREF|NAME|REMI"
_KEY = re.compile(rf"(?<![A-Za-z])({_KEYS})[+:]\s?")
_WORDS = (
    "ADDR|BENM|BIC|BUSP|CHGS|CNTP|CSID|EREF|EXCH|IBAN|ID|INIT|IREF|ISDT|KREF|MARF|NAME|OCMT|ORDP|PREF|PURP|REMI|RTRN|SVCL|TRCD|TRTP"
    "|ULTB|ULTC|ULTD"
)
_WORD = re.compile(rf"/({_WORDS})/")
_OURS = re.compile(r"[0-9A-Fa-f]{32}(?:(?:\s?-\s?[0-9]{1,3}|[0-9]{1,3}$)?(?![0-9A-Fa-f])|(?=[0-9]+[^0-9A-Fa-f]))")
"""Digits directly behind an id are the number of the attempt, where the bank leaves the dash out, unless more is written behind them."""
_BATCHES = "19"
_RETURN_CODES = frozenset({"159", "160"})
"""Business transaction codes (GVC) of a transfer that came back: SEPA credit transfer return, instant payment recalled. Source: as
above."""
_REASON = re.compile(r"\b(?:AC|AG|AM|BE|CN|DT|ED|FF|MD|MS|RC|RR|SL|TM)[0-9]{2}\b")
_ENOUGH = 500


@dataclass(frozen=True, slots=True)
class Details:
    """`named`: the key or code word → what it says. `is_return`: the bank calls it a transfer that came back. `is_single`: it says that it
    books one transfer. `purpose`: what was written to the payee, with and without blanks where a subfield or a line ends, since either
    may be meant."""

    named: dict[str, str] = field(default_factory=dict)
    is_return: bool = False
    is_single: bool = False
    return_reason: str | None = None
    purpose: tuple[str, ...] = ()

    def reference(self, *keys: str) -> str | None:
        """The first that is there; of one of ours only itself, where the bank has written on behind it."""
        for key in keys:
            value = self.named.get(key, "")
            if value:
                ours = _OURS.match(value)
                return "".join(ours[0].split()) if ours else value
        return None


def read_details(lines: Sequence[str]) -> Details:
    """`lines`: those of all fields :86: of one booking."""
    text = "".join(lines)
    numbered = _NUMBERED.match(text)
    if numbered:
        return _numbered(text[numbered.end("code") if numbered["code"] else 0 :], numbered["code"], numbered["sign"])
    if _WORD.search(text):
        return _details(_split(_WORD, text), lines)
    return _details(_split(_KEY, _joined(lines)), lines)


def _joined(parts: Sequence[str]) -> str:
    """A key begins a part of its own; any other part goes on with the text before it."""
    return "".join(f"\n{part}" if _KEY.match(part) else part for part in parts)


def _numbered(text: str, code: str | None, sign: str) -> Details:
    parts = re.split(rf"{re.escape(sign)}([0-9]{{2}})", text)
    subfields = list(zip(parts[1::2], parts[2::2], strict=True))
    purpose = [value for number, value in subfields if number in _PURPOSE]
    named = _split(_KEY, _joined(purpose)) or _split(_WORD, "".join(purpose))
    booking = " ".join(value for number, value in subfields if number == _BOOKING_TEXT)
    details = _details(named, purpose, code in _RETURN_CODES, booking)
    return replace(details, is_single=code is not None and not code.startswith(_BATCHES))


def _details(named: dict[str, str], lines: Sequence[str], is_return: bool = False, booking: str = "") -> Details:
    returned = is_return or "RTRN" in named
    said = named.get("RTRN") or " ".join((*lines, booking))
    reason = _REASON.search(said) if returned else None
    texts = dict.fromkeys(text[:_ENOUGH] for text in ("".join(lines), " ".join(line.strip() for line in lines)) if text)
    return Details(named, returned, return_reason=reason[0] if reason else None, purpose=tuple(texts))


def _split(marks: re.Pattern[str], text: str) -> dict[str, str]:
    """What follows each mark up to the next one; of a mark that comes twice the first, which is the bank's own."""
    found = list(marks.finditer(text))
    ends = [*(one.start() for one in found), len(text)][1:]
    named: dict[str, str] = {}
    for one, end in zip(found, ends, strict=True):
        named.setdefault(one[1], text[one.end() : end].strip(" /\n")[:_ENOUGH])
    return named
