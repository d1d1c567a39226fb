"""The cut-offs of a rolling call, as an officer types them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.client.applications import CutOffs
from portal.kit.formats import hours as plain
from portal.kit.formats import hundredths_of
from portal.kit.reader import Reader
from portal.kit.reader import mark as _
from portal.kit.texts import text

DATES = _("Enter days and hours with commas between them, for example 2027-03-01 12:00")
PARTS = _("Enter shares in percent, for example 40, 30, 30")
MONTHS = _("Enter a number of months from 1 to 12, or the dates of the cut-offs")


def typed_cut_offs(cut_offs: CutOffs | None, language: str) -> dict[str, str]:
    """Name of each field → what stands in it."""
    if cut_offs is None:
        return {}
    return {
        "every_months": str(cut_offs.every_months or ""),
        "cut_offs": ", ".join(str(one)[:16].replace("T", " ") for one in cut_offs.dates or ()),
        "parts": ", ".join(plain(part, language) for part in cut_offs.parts_bp or ()),
    }


def read_cut_offs(reader: Reader) -> Mapping[str, Any] | None:
    """None for a call with one end; an error at each field that cannot be read."""
    months, dates, parts = (reader.typed.get(name, "") for name in ("every_months", "cut_offs", "parts"))
    if not months and not dates:
        if parts:
            reader.errors["every_months"] = text(reader.language, MONTHS)
        return None
    found: dict[str, Any] = {}
    if months and (dates or not months.isascii() or not months.isdigit() or not 0 < int(months[:3]) <= 12):
        reader.errors["every_months"] = text(reader.language, MONTHS)
    elif months:
        found["every_months"] = int(months)
    else:
        found["dates"] = _dates(reader, dates)
    if parts:
        found["parts_bp"] = _parts(reader, parts)
    return found


def _dates(reader: Reader, typed: str) -> list[str]:
    try:
        return [f"{_local(one):%Y-%m-%dT%H:%M:%S}" for one in typed.split(",") if one.strip()]
    except ValueError:
        reader.errors["cut_offs"] = text(reader.language, DATES)
        return []


def _local(typed: str) -> datetime:
    found = datetime.fromisoformat(typed.strip())
    if found.tzinfo is not None:
        raise ValueError("a local time has no zone")
    return found


def _parts(reader: Reader, typed: str) -> list[int]:
    """In basis points. A decimal comma would be a separator: a part has a point."""
    try:
        return [hundredths_of(one.strip().removesuffix("%").strip()) for one in typed.split(",") if one.strip()]
    except ValueError:
        reader.errors["parts"] = text(reader.language, PARTS)
        return []
