"""The organisations of the sample applications, registered by the persons who act for them.

A case is named by the id of its sample, from which all that its people do follows, in every run alike. The platform gives ids of its own.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any
from uuid import UUID

from operations.client import Api, Person, Problem
from shared.classifications.tax_numbers import canonical_tax_number
from shared.kernel.errors import Refused
from simulation.demo.seeded_random import SeededRandom

_PATH = "/api/people/organisations"
_SHAPES = {"GR": ("99", 6, 1), "HR": ("99", 8, 1), "PL": ("999", 6, 1), "DK": ("9", 6, 1), "BE": ("19", 6, 2)}
"""Country → what its fictional tax numbers begin with, how many digits are free, how many are check digits."""


def sample_person(case: str) -> str:
    """Who acts for a case of the demonstration, by the name at the identity provider."""
    return f"applicant-{UUID(case).hex[:12]}"


class Organisations:
    """Of one region. `name_of`: case → who acts for its organisation."""

    def __init__(self, name_of: Callable[[str], str] = sample_person) -> None:
        self._name_of = name_of
        self._ids: dict[str, str] = {}
        self._cases: dict[str, str] = {}

    def id_of(self, case: str) -> str:
        """At the platform."""
        return self._ids.get(case, case)

    def case_of(self, organisation_id: str) -> str:
        """The id itself for an organisation that is not of the samples."""
        return self._cases.get(organisation_id, organisation_id)

    def person_of(self, case: str) -> Person:
        """Who acts for the organisation."""
        return Person(self._name_of(case), UUID(self.id_of(case)))

    async def register(self, api: Api, rows: Sequence[Mapping[str, Any]], currency: str) -> None:
        """Those of the rows that are not registered yet. One that is, by an earlier run, is found."""
        forms = {row["organisation_id"]: row.get("profile", row["form"]) for row in rows if row["organisation_id"] not in self._ids}
        ids = await asyncio.gather(
            *(_registered(api, Person(self._name_of(case)), case, _profile(form, currency)) for case, form in forms.items())
        )
        self._ids |= dict(zip(forms, ids, strict=True))
        self._cases = {organisation: case for case, organisation in self._ids.items()}


async def _registered(api: Api, person: Person, case: str, profile: dict[str, Any]) -> str:
    """The organisation's id. Its number is that of its application; one that another sample has by chance is passed over."""
    for attempt in count():
        other = fictional_tax_number(profile["country"], SeededRandom(f"tax number {case} {attempt}"))
        number = other if attempt else profile.get("tax_number") or other
        try:
            return str((await api.post(person, _PATH, profile | {"tax_number": number}))["id"])
        except Problem as problem:
            if problem.code != "organisation-known":
                raise
        if own := (await api.get(person, "/api/people/me"))["organisations"]:
            return str(own[0]["id"])
    raise AssertionError("counting has no end")


def _profile(form: Mapping[str, Any], currency: str) -> dict[str, Any]:
    applicant, firm = form["applicant"], form["firm"]
    return {
        "country": applicant["country"],
        "tax_number": applicant.get("tax_number"),
        "name": applicant["name"],
        "seat": {name: applicant[name] for name in ("street", "postcode", "town", "country")},
        "size": {
            "staff": firm["staff"] if "staff" in firm else firm["staff_hundredths"] / 100,
            "turnover_minor": firm["turnover_minor"],
            "balance_minor": firm["balance_minor"],
            "currency": currency,
            "year": 2024,
        },
        "nuts": applicant["nuts"],
        "activity_code": applicant["activity_code"],
    }


def fictional_tax_number(country: str, random: SeededRandom) -> str:
    """With valid check digits, of a range from which none is given out."""
    first, free, checked = _SHAPES[country]
    for attempt in count():
        body = f"{first}{random.number('body', attempt) % 10**free:0{free}}"
        for check in range(10**checked):
            try:
                return canonical_tax_number(country, f"{body}{check:0{checked}}")
            except Refused:
                continue
    raise AssertionError("counting has no end")
