"""Which countries a SEPA credit transfer reaches."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "sepa.toml"


@cache
def _since() -> dict[str, date]:
    """Country code of an IBAN → the first day; those that were always there from the first day that there is."""
    data = tomllib.loads(_DATA.read_text(encoding="utf-8"))
    always = dict.fromkeys(map(str, data["countries"]), date.min)
    return always | {str(code): day for code, day in data["since"].items()}


def is_sepa(country: str, on: date) -> bool:
    """`country`: the two letters that an IBAN begins with."""
    since = _since().get(country)
    return since is not None and since <= on
