"""What the 360Giving Data Standard asks of a record of an award.

Source: the standard's reference, 'Required fields', 'Identifiers' and 'Date formats' (standard.threesixtygiving.org, 1.4).
`make check-open-data` runs the standard's own checker, which needs the internet.
"""

import re
from datetime import date
from typing import Any

REQUIRED = {"id", "title", "description", "currency", "amountAwarded", "awardDate", "recipientOrganization", "fundingOrganization"}


def faults(record: dict[str, Any]) -> list[str]:
    """What the standard finds wrong with a record."""
    found = [name for name in REQUIRED if record.get(name) in (None, "", [])]
    if not re.fullmatch(r"360G-[A-Za-z0-9]+-\S+", record["id"]):
        found.append("id: a registered prefix, then what is unique in it")
    if not re.fullmatch("[A-Z]{3}", record["currency"]) or isinstance(record["amountAwarded"], str):
        found.append("an ISO 4217 code and a number")
    dates = [record["awardDate"], *(day for planned in record.get("plannedDates", []) for day in planned.values())]
    found += [f"{day} is no date" for day in dates if not date.fromisoformat(day)]
    organisations = [*record["recipientOrganization"], *record["fundingOrganization"]]
    return found + [f"{one} needs an id and a name" for one in organisations if not (one.get("id") and one.get("name"))]
