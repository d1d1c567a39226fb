"""Codes as people and registers write them: read into one form, and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.classifications.editions import former_region
from shared.classifications.lists import CURRENT, Scheme, entry_of
from shared.kernel.countries import Country
from shared.kernel.look_alikes import folded

_NUTS = re.compile(r"[A-Z]{2}[A-Z0-9]{1,3}")
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015]+")
_NACE = re.compile(r"(?:(?:NACE|NACEBEL|PKD|NKD|KA[DΔ]):?(?:20\d\d:?)?)?(?:[A-Z]\.?)?(\d{2}(?:\.?\d{1,2}){0,3})(?:\.?[A-Z])?")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a code is not taken: a kind with a sentence in `shared.web.validation`, and its facts. No input but a code of the lists."""

    kind: str
    facts: Mapping[str, Any]


def canonical(scheme: Scheme, text: str) -> str:
    """The code in the form of the list: 'gr522' → 'EL522'; '6201', '62.01.Z', '62.01.00.00' and 'J62.01' → '62.01', because the first
    four digits of national forms are those of NACE. What a register calls it ('PKD 62.01.Z'), blanks and hyphens within, and a comma for
    the point, are forgiven. A text that is no code comes back as it is, without blanks around it."""
    plain = text.strip()
    code = _BETWEEN.sub("", folded(plain)).replace(",", ".")
    if scheme is Scheme.NUTS:
        return re.sub("^GR", "EL", code) if _NUTS.fullmatch(code) else plain
    found = _NACE.fullmatch(code)
    if found is None:
        return plain
    digits = found[1].replace(".", "")[:4]
    return ".".join(filter(None, (digits[:2], digits[2:])))


def fault_of(scheme: Scheme, code: str) -> Fault | None:
    """What is wrong with a code in canonical form; None when it is taken."""
    entry = entry_of(scheme, code)
    former = former_region(code) if scheme is Scheme.NUTS else None
    if former and former.current:
        facts = {"region": code, "edition": former.edition, "current": CURRENT[scheme][0], "codes": list(former.current)}
        return Fault("nuts_recoded", facts)
    if former:
        return Fault("nuts_former", {"region": code, "edition": former.edition, "current": CURRENT[scheme][0]})
    if entry is None:
        return Fault(f"{scheme}_unknown", {"editions": list(CURRENT[scheme])})
    return None


def contradiction(nuts: str | None, country: str | None) -> Fault | None:
    """A region that is not of the country (ISO 3166), both given; an unknown one contradicts nothing."""
    entry = entry_of(Scheme.NUTS, nuts) if nuts else None
    if entry is None or not country or entry.country == country:
        return None
    return Fault("nuts_elsewhere", {"region": entry.code, "country": Country(country)})
