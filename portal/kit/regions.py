"""Regions as pages and lists name them."""

from portal.kit.order import by_name
from portal.kit.visit import Regions, Visit
from shared.texts.languages import in_language


async def region_names(visit: Visit, *roles: str) -> dict[str, str]:
    """Id → name of the regions in which the person has one of the roles, by name."""
    mine, regions = {region for role in roles for region in visit.regions_by_role.get(role, ())}, await visit.regions()
    names = {one: region_name(regions, one, visit.language) for one in mine}
    return dict(by_name(names.items(), lambda pair: pair[1], visit.language))


def region_name(regions: Regions, region: str, language: str) -> str:
    return in_language(regions[region].names, language)


def zone_of(regions: Regions, region: str | None) -> str:
    """Of what is of no region, UTC."""
    return regions[region].zone if region else "UTC"


async def zones(visit: Visit) -> dict[str, str]:
    """Region → zone of its instants."""
    return {region.id: region.zone for region in (await visit.regions()).values()}
