"""Links that make an organisation one undertaking with another firm (Regulation (EU) 2023/2831, article 2(2)), as its owner
declares them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared.kernel.errors import Conflict, Refused
from shared.kernel.vocabulary import LinkKind

MOST_LINKS = 50
"""Of one organisation, in force: our own bound."""


@dataclass(frozen=True, slots=True)
class Link:
    """To the firm with this tax number, in canonical form. `name` is the owner's word for it."""

    kind: LinkKind
    country: str
    tax_number: str
    name: str
    valid_from: date


def check_link(link: Link, own: tuple[str, str | None], open_ones: Iterable[tuple[str, str, str | None]], today: date) -> None:
    """`own`: country and tax number of the organisation. `open_ones`: kind, country and number of the links in force. `Refused`
    'link-to-come' or 'link-to-itself'; `Conflict` 'link-known' or 'too-many-links'."""
    if link.valid_from > today:
        raise Refused("link-to-come", "A link counts from the day on which it exists: give a day until today.", field="valid_from")
    if (link.country, link.tax_number) == own:
        raise Refused("link-to-itself", "This is the tax number of the organisation itself.", field="tax_number")
    known = list(open_ones)
    if (link.kind, link.country, link.tax_number) in known:
        raise Conflict("link-known", "This link is declared already.", field="tax_number")
    if len(known) >= MOST_LINKS:
        raise Conflict("too-many-links", "At most {most} links are in force at a time.", most=MOST_LINKS)


def check_end(valid_from: date, ended: date | None, valid_until: date, today: date) -> None:
    """`Conflict` 'link-ended'; `Refused` 'link-end-day' for a day that is to come, or not after the first one."""
    if ended is not None:
        raise Conflict("link-ended", "The link has ended on {day}.", day=ended)
    if not valid_from < valid_until <= today:
        raise Refused(
            "link-end-day", "The link has held from {first} on: give the first day on which it did not, until today.", field="valid_until",
            first=valid_from,
        )  # fmt: skip
