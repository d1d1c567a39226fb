"""What decides about a provider: its entry in the catalogue, and the day in its region."""

from datetime import date
from zoneinfo import ZoneInfo

from services.payments.domain.catalogue import Approval, Entry
from services.payments.tables import ProviderRow
from shared.kernel.errors import NotFound
from shared.messaging.context import Context


def entry_of(row: ProviderRow) -> Entry:
    return Entry(row.state, None if row.since is None else Approval(tuple(row.approved_services), row.since, row.until))


def today_in(context: Context, region: str) -> date:
    """The day in the region, by its clocks."""
    zone = next(policy.zone for policy in context.policies.all() if policy.region == region)
    return context.now.astimezone(ZoneInfo(zone)).date()


def unknown_provider() -> NotFound:
    return NotFound("provider-unknown", "There is no such provider.", field="provider_id")
