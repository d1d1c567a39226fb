"""The regions as everybody may read them."""

from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from shared.messaging.context import Context
from shared.policy.region import Contact


class ContactView(BaseModel):
    """Whom people ask. `office` and `hours` by language. `rules_page`: where the region publishes the rules of its schemes."""

    office: dict[str, str]
    hours: dict[str, str]
    email: str
    phone: str
    rules_page: str

    @classmethod
    def of(cls, contact: Contact) -> Self:
        return cls.model_validate(contact.model_dump(include=set(cls.model_fields)))


class RegionView(BaseModel):
    """`names` by language. People of the region see its instants in `zone`. `contact`: as it is today; null where none is known."""

    id: str
    names: dict[str, str]
    zone: str
    contact: ContactView | None


def all_regions(context: Context) -> list[RegionView]:
    """Those that have a scheme, by id."""
    return [_view(context, region, zone) for region, zone in context.policies.zones().items()]


def _view(context: Context, region: str, zone: str) -> RegionView:
    contact = context.policies.contact(region, context.now.astimezone(ZoneInfo(zone)).date())
    names = context.policies.region_names(region)
    return RegionView(id=region, names=names, zone=zone, contact=ContactView.of(contact) if contact else None)
