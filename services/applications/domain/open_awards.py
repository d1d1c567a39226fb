"""Awards as open data, in the 360Giving Data Standard 1.4 (standard.threesixtygiving.org): a record for each award, with an id that stays.

The name of a recipient is there only where the policy of the award lets it be (`Publication`). The law on personal data does not cover
legal persons (Regulation (EU) 2016/679, recital 14); who is not known to be one is a natural person here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.applications.domain.form import LEGAL_FORM, Form
from shared.kernel.money import Money
from shared.kernel.vocabulary import VoucherOutcome
from shared.policy.schema import Policy

PREFIX = "360G-triptych"
WITHHELD = "Name not published"
REGISTERS: Mapping[str, str] = {"BE": "BE-BCE_KBO", "DK": "DK-CVR", "HR": "HR-OIB"}
"""Lists of organisations at org-id.guide whose identifier is the tax number of the country."""
GEOCODES = "NUTS"
"""The standard's list of kinds of codes is of the United Kingdom; it is open, so others may be used."""
NEVER_TAKEN = (VoucherOutcome.DECLINED, VoucherOutcome.LAPSED)
"""Offers that gave no right to aid."""
NOTHING = "The offer was not taken up, so nothing was awarded."
"""The standard asks for an explanation of an amount of 0, in the description."""
IN_KIND = "No money was awarded, but"
"""What is no money has an amount of 0, its unit and its quantity: `inKind`, a field of our own."""
COLUMNS = (
    "Identifier", "Title", "Description", "Currency", "Amount Awarded", "Award Date", "Planned Dates:Start Date", "Planned Dates:End Date",
    "Recipient Org:Identifier", "Recipient Org:Name", "Funding Org:Identifier", "Funding Org:Name", "Grant Programme:Code",
    "Grant Programme:Title", "Beneficiary Location:Name", "Beneficiary Location:Country Code", "Last Modified", "Outcome",
)  # fmt: skip
"""Of the table, as the standard calls the fields; `Outcome` is our own."""


@dataclass(frozen=True, slots=True)
class Award:
    """`application_id` is what an award keeps when it is granted again from the reserve list. `form` is empty where nothing of it may be
    read. `outcome`: how its voucher ended; None while it has not."""

    application_id: str
    call_title: str
    region_name: str
    amount_minor: int
    granted_at: datetime
    changed_at: datetime
    outcome: VoucherOutcome | None
    form: Form


def names_recipient(policy: Policy, award: Award) -> bool:
    rules = policy.publication
    if rules is None or award.amount_minor < rules.names_from_minor or not award.form.applicant.name:
        return False
    return award.form.extra.get(LEGAL_FORM) in rules.legal_persons


def record_of(policy: Policy, award: Award) -> dict[str, Any]:
    """The record; the amount is a decimal string. An award whose offer was declined or has lapsed stays, with an amount of nothing."""
    is_named = names_recipient(policy, award)
    project, scheme = award.form.project, policy.title.get("en") or next(iter(policy.title.values()))
    recipient = _recipient(award) if is_named else _withheld(award)
    description = f"{scheme}. Chosen in the call: {award.call_title}."
    is_taken = award.outcome not in NEVER_TAKEN
    granted = award.amount_minor if is_taken and policy.benefit is None else 0
    if policy.benefit is not None and is_taken:
        description = f"{description} {IN_KIND} {policy.benefit.units_per_award} {policy.benefit.unit}."
    record: dict[str, Any] = {
        "id": f"{PREFIX}-{award.application_id}",
        "title": (project.title if is_named else None) or award.call_title,
        "description": description if is_taken else f"{description} {NOTHING}",
        "currency": policy.currency,
        "amountAwarded": Money(granted, policy.currency).decimal(),
        "awardDate": award.granted_at.astimezone(ZoneInfo(policy.zone)).date().isoformat(),
        "recipientOrganization": [recipient],
        "fundingOrganization": [{"id": f"{PREFIX}-{policy.region}", "name": award.region_name}],
        "grantProgramme": [{"code": f"{policy.region}/{policy.scheme}", "title": scheme}],
        "beneficiaryLocation": [{"name": award.region_name, "countryCode": policy.calendar.country}],
        "dateModified": award.changed_at.isoformat(),
        "outcome": award.outcome or "open",
    }
    if policy.benefit is not None:
        record["inKind"] = {"unit": policy.benefit.unit, "quantity": policy.benefit.units_per_award if is_taken else 0}
    if is_named and project.starts_on and project.ends_on:
        record["plannedDates"] = [{"startDate": project.starts_on.isoformat(), "endDate": project.ends_on.isoformat()}]
    return record


def _withheld(award: Award) -> dict[str, str]:
    """An id of this award alone: it does not say which awards are of one person."""
    return {"id": f"{PREFIX}-recipient-{award.application_id}", "name": WITHHELD}


def _recipient(award: Award) -> dict[str, Any]:
    applicant = award.form.applicant
    number = "".join(sign for sign in applicant.tax_number or "" if sign.isalnum())
    register = REGISTERS.get(applicant.country or "")
    withheld = _withheld(award)
    found = {"id": f"{register}-{number}" if register and number else withheld["id"], "name": applicant.name or withheld["name"]}
    place = {"countryCode": applicant.country, "geoCode": applicant.nuts, "geoCodeType": GEOCODES}
    return found | ({"location": [place]} if applicant.country and applicant.nuts else {})


def row_of(record: Mapping[str, Any]) -> list[str]:
    """The record as a row of the table of `COLUMNS`."""
    [planned] = record.get("plannedDates", [{"startDate": "", "endDate": ""}])
    [recipient], [funder], [programme] = (record[part] for part in ("recipientOrganization", "fundingOrganization", "grantProgramme"))
    flat = [record[name] for name in ("id", "title", "description", "currency", "amountAwarded", "awardDate")]
    values = [*flat, planned["startDate"], planned["endDate"], recipient["id"], recipient["name"], funder["id"], funder["name"]]
    [place] = record["beneficiaryLocation"]
    found = [programme["code"], programme["title"], place["name"], place["countryCode"], record["dateModified"], record["outcome"]]
    return [*values, *found]


def table_of(records: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    """With the names of the columns in front."""
    return [list(COLUMNS), *map(row_of, records)]
