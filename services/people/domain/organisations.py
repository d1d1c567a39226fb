"""What an organisation says of itself."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from shared.classifications import contradiction
from shared.kernel.errors import Conflict, Refused


@dataclass(frozen=True, slots=True)
class Profile:
    """`country` and `tax_number` in canonical form. `seat` and `size` are JSON values (`SeatView`, `SizeView`). NUTS and NACE codes."""

    country: str
    tax_number: str
    name: str
    seat: dict[str, Any]
    size: dict[str, Any]
    nuts: str
    activity_code: str


CHANGEABLE = ("name", "seat", "size", "nuts", "activity_code")
"""Another tax number is another organisation."""


def changed_fields(known: Any, profile: Profile) -> list[str]:
    """The names of what differs from the row. `Conflict` 'tax-number-fixed' for another tax number."""
    if (known.country, known.tax_number) != (profile.country, profile.tax_number):
        raise Conflict("tax-number-fixed", "The tax number of an organisation does not change: register the other one.", field="tax_number")
    given = asdict(profile)
    return [name for name in CHANGEABLE if getattr(known, name) != given[name]]


def check_place(nuts: str, country: str) -> None:
    """`Refused` 'nuts-elsewhere' when the region of the seat is not in the country of the seat (ISO 3166)."""
    if contradiction(nuts, country):
        raise Refused("nuts-elsewhere", "The region {region} is not in the country {country}.", field="nuts", region=nuts, country=country)


def check_year(year: int, now: datetime) -> None:
    """`Refused` 'accounts-to-come' for accounts of a year that has not begun at `now`."""
    if year > now.year:
        raise Refused("accounts-to-come", "There are no closed accounts of {year} yet.", field="size.year", year=year)


def check_version(known: int, read: int) -> None:
    """`Conflict` 'changed-meanwhile' when somebody else has changed it since it was read."""
    if known != read:
        raise Conflict("changed-meanwhile", "Somebody else changed this meanwhile (version {version}). Read it again.", version=known)
