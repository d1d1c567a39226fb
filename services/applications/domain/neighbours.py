"""Other applications that may be the same project, or of a firm that is linked: what an officer compares side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.applications.domain.duplicates import is_repeated, title_key
from shared.classifications.identity_keys import address_key, person_key
from shared.kernel.invoice_numbers import tax_number_key

MOST_COMPARED = 5_000
"""Applications of a call that one is compared with."""


class Likeness(StrEnum):
    """SAME_ORGANISATION: it applies again; SAME_TITLE: nearly the same words, whose it is does not matter."""

    SAME_ORGANISATION = "same-organisation"
    SAME_TITLE = "same-title"
    SAME_TAX_NUMBER = "same-tax-number"
    SAME_OWNER = "same-owner"
    SAME_ADDRESS = "same-address"
    SAME_E_MAIL = "same-e-mail"


@dataclass(frozen=True, slots=True)
class Signs:
    """What of an application is compared, in plain letters; empty where it is not answered."""

    organisation_id: UUID
    title: str
    tax_number: str
    e_mail: str
    address: str
    owners: frozenset[str]


def signs_of(organisation_id: UUID, form: Mapping[str, Any]) -> Signs:
    """Of a stored form, which is read as it is: thousands of them are compared."""
    applicant: Mapping[str, Any] = form.get("applicant") or {}
    place = " ".join(str(applicant.get(name) or "") for name in ("street", "postcode", "town", "country"))
    return Signs(
        organisation_id=organisation_id,
        title=title_key((form.get("project") or {}).get("title") or ""),
        tax_number=tax_number_key(applicant.get("tax_number") or "").lstrip("0"),
        e_mail=str(applicant.get("email") or "").casefold(),
        address=address_key(place) if applicant.get("street") else "",
        owners=frozenset(filter(None, (person_key(owner) for owner in applicant.get("owners") or ()))),
    )


def likenesses(one: Signs, other: Signs) -> list[Likeness]:
    """Why an officer should see the two side by side; nothing when they have nothing in common."""
    found = {
        Likeness.SAME_ORGANISATION: one.organisation_id == other.organisation_id,
        Likeness.SAME_TITLE: bool(one.title and other.title) and is_repeated(one.title, [other.title]),
        Likeness.SAME_TAX_NUMBER: bool(one.tax_number) and one.tax_number == other.tax_number,
        Likeness.SAME_OWNER: bool(one.owners & other.owners),
        Likeness.SAME_ADDRESS: bool(one.address) and one.address == other.address,
        Likeness.SAME_E_MAIL: bool(one.e_mail) and one.e_mail == other.e_mail,
    }
    return [likeness for likeness, is_so in found.items() if is_so]
