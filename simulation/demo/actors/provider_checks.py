"""Officers who look after the catalogue: one suspends a provider while it has orders, so that these go to other providers, and another one
ends the suspension."""

from datetime import datetime

from simulation.demo.actors.catalogue import LISTED, REGISTRATIONS, Catalogue
from simulation.demo.region import Json, Region, attempt
from simulation.demo.snapshot import Snapshot


class ProviderChecks:
    """The last provider of the catalogue is suspended once in a call, as soon as it has accepted an order."""

    def __init__(self, region: Region, catalogue: Catalogue) -> None:
        self.region, self.api, self.catalogue = region, region.api, catalogue

    async def act(self, snapshot: Snapshot) -> None:
        if not self.region.buys_from_catalogue or not snapshot.vouchers:
            return
        registered = await self.region.list_all(self.region.actors.officer, REGISTRATIONS)
        self.region.unlisted_providers = {one["organisation_id"] for one in registered if not one["listed"]}
        for one in registered:
            provider = self.catalogue.providers.get(one["organisation_id"])
            if provider is None:
                continue
            if one["state"] == "suspended" and self._is_over(one):
                await self._post(one, "resumption", "Nothing was found.", second=True)
            elif one["state"] == "approved" and provider.number == LISTED and self._is_due(snapshot, provider.provider_id):
                await self._post(one, "suspension", "Its references are being checked.")

    def _is_over(self, registration: Json) -> bool:
        since = datetime.fromisoformat(registration["decided_at"])
        return self.region.now >= since + self.region.behaviour.profile.provider_suspended_for

    def _is_due(self, snapshot: Snapshot, provider_id: str) -> bool:
        states = {order["state"] for order in snapshot.orders if order["provider_id"] == provider_id}
        return "accepted" in states and "rerouted" not in states

    async def _post(self, registration: Json, action: str, reason: str, *, second: bool = False) -> None:
        officer = self.region.actors.second_officer if second else self.region.actors.officer
        await attempt(self.api.post(officer, f"{REGISTRATIONS}/{registration['provider_id']}/{action}", {"reason": reason}))
