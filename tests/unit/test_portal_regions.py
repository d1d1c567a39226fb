"""The region in which a person works: one choice for all desks, and the contact that stands below a page."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from portal.client.base import NoAnswer
from portal.kit.lists import region_filter
from portal.kit.regions import region_names
from portal.kit.visit import Region, Regions, Visit
from portal.sessions.cookies import REGION

REGIONS = Regions({one: Region(one, {"en": name}) for one, name in (("a", "Zeeland"), ("b", "Attica"), ("c", "Funen"))})
ROLES = {"officer": ["a", "b"], "finance": ["b"], "auditor": ["a"]}


def visit_of(chosen: str, roles: dict[str, list[str]], *, down: bool = False) -> Visit:
    async def kept(key: str, ask: object, newer_than: float | None = None) -> Regions:
        if down:
            raise NoAnswer(503, {"code": "no-answer"})
        return REGIONS

    request: Any = SimpleNamespace(cookies={REGION: chosen} if chosen else {})
    services: Any = SimpleNamespace(regions=SimpleNamespace(get=kept))
    visit = Visit(request, services, "en")
    visit.__dict__["regions_by_role"] = roles
    return visit


@pytest.mark.parametrize(
    ("chosen", "shown"), [("b", {"officer": "b", "finance": "b", "auditor": None}), ("", dict.fromkeys(ROLES)), ("c", dict.fromkeys(ROLES))]
)
def test_chosen_region_counts_where_the_person_has_the_role(chosen: str, shown: dict[str, str | None]) -> None:
    visit = visit_of(chosen, ROLES)
    assert {role: visit.region_as(role) for role in ROLES} == shown


@pytest.mark.parametrize(
    ("chosen", "roles", "place"), [("a", ROLES, "a"), ("", ROLES, None), ("c", ROLES, None), ("", {"finance": ["b"]}, "b"), ("a", {}, None)]
)
def test_page_of_a_desk_is_of_the_region_of_the_person(chosen: str, roles: dict[str, list[str]], place: str | None) -> None:
    visit = visit_of(chosen, roles)
    asyncio.run(visit.at_desk())
    assert (visit.place.id if visit.place else None) == place


def test_page_stands_without_a_contact_where_nobody_gives_it() -> None:
    visit = visit_of("a", ROLES, down=True)
    asyncio.run(visit.at("a"))
    assert visit.place is None


def test_list_read_in_another_role_is_filtered_by_its_regions() -> None:
    """An auditor reads lists of finance: the field of regions is no field for any text."""
    visit = visit_of("a", {"auditor": ["a", "c"]})
    assert asyncio.run(region_filter(visit, "finance")).options == {"c": "Funen", "a": "Zeeland"}


def test_regions_are_named_once_and_in_the_order_of_names() -> None:
    assert list(asyncio.run(region_names(visit_of("", ROLES), "officer", "finance")).items()) == [("b", "Attica"), ("a", "Zeeland")]
