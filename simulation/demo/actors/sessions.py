"""Hours with a mentor: officers plan sessions, give the call one voucher more and record who was there; beneficiaries book and take part.

The first case attends every session, and uses its voucher up. The second one is absent once without a word, the third one gives a booking
up in time. What the beneficiary of an absence does not answer stands by silence.
"""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

from simulation.demo.actors.beneficiary import Beneficiaries
from simulation.demo.actors.maintenance import VoucherMaintenance
from simulation.demo.region import Json, Region, Step, attempt
from simulation.demo.snapshot import Snapshot

_API = "/api/vouchers"
SESSIONS = 4
"""Of an equal part of a voucher each."""
BEGINS_AFTER, APART = timedelta(days=30), timedelta(days=12)
"""The first one begins so long after it was planned, each other one so long after the one before: the actors look every few days."""
ABSENT, GIVES_UP = 1, 2
"""Positions of cases in the list."""


class Participants(Beneficiaries):
    """They answer offers as others do."""

    async def act(self, snapshot: Snapshot) -> None:
        await super().act(snapshot)
        used = [voucher for voucher in snapshot.vouchers.values() if voucher["state"] in ("issued", "claiming")]
        await asyncio.gather(*(attempt(self._take_part(voucher)) for voucher in used))

    def _use(self, voucher: Json, claims: list[Json]) -> Iterator[Step]:
        return iter(())

    async def _take_part(self, voucher: Json) -> None:
        case, person = position_of(self.region, voucher), self.region.actors.applicant(voucher["organisation_id"])
        held = await self.api.get(person, f"{_API}/vouchers/{voucher['id']}/attendance")
        sessions = (await self.api.get(person, f"{_API}/sessions", call_id=self.region.call_id, to_come=True))["items"]
        known = {booking["session"]["id"] for booking in held["bookings"]}
        for one in sessions if voucher["state"] == "issued" else ():
            if one["id"] not in known and datetime.fromisoformat(one["starts_at"]) > self.region.now and held["left"] >= one["minutes"]:
                await attempt(self.api.post(person, f"{_API}/vouchers/{voucher['id']}/bookings", {"session_id": one["id"]}))
                return  # one in a turn: what is left is read again
        for at, booking in enumerate(held["bookings"]):
            path, in_time = f"{_API}/bookings/{booking['id']}", timedelta(hours=held["free_until_hours"])
            if booking["state"] == "recorded" and booking["minutes"]:
                await attempt(self.api.post(person, f"{path}/confirmation"))
            begins = datetime.fromisoformat(booking["session"]["starts_at"])
            if (case, at, booking["state"]) == (GIVES_UP, 0, "booked") and self.region.now < begins - in_time:
                await attempt(self.api.post(person, f"{path}/cancellation"))


class SessionOfficers(VoucherMaintenance):
    """The agency is the host: one officer plans, another one records."""

    async def act(self, snapshot: Snapshot) -> None:
        if not snapshot.vouchers:
            return
        await asyncio.gather(attempt(self._give_more()), attempt(self._plan(snapshot)), attempt(self._record(snapshot)))

    async def _give_more(self) -> None:
        """Once all is given: the officer proposes one voucher more, finance confirms."""
        call, officer, finance = self.region.call_id, self.region.actors.second_officer, self.region.actors.budget_confirmer
        capacity = await self.api.get(officer, f"{_API}/calls/{call}/capacity")
        if capacity["awaits_confirmation"] or capacity["available"]:
            return
        changes = (await self.api.get(finance, f"{_API}/capacity-changes", call_id=call))["items"]
        if not changes:
            body = {"vouchers": 1, "reason": "The mentor has more time."}
            changes = [await self.api.post(officer, f"{_API}/calls/{call}/capacity/changes", body)]
        for change in changes:
            if change["state"] == "proposed":
                await self.api.post(finance, f"{_API}/capacity-changes/{change['id']}/decision", {"confirmed": True})

    async def _plan(self, snapshot: Snapshot) -> None:
        """Once there is a voucher to book with."""
        officer, benefit = self.region.actors.second_officer, self.region.policy.benefit
        if benefit is None or not any(voucher["state"] == "issued" for voucher in snapshot.vouchers.values()):
            return
        if (await self.api.get(officer, f"{_API}/sessions", call_id=self.region.call_id, limit=1))["total"]:
            return
        first, lasts = (self.region.now + BEGINS_AFTER).replace(microsecond=0), timedelta(minutes=benefit.units_per_award // SESSIONS)
        for number in range(SESSIONS):
            begins = first + number * APART
            plan = {
                "title": f"Mentoring {number + 1}", "place": "Budafabriek, Kortrijk", "mentor": "design strategist",
                "starts_at": begins.isoformat(), "ends_at": (begins + lasts).isoformat(), "seats": len(self.region.rows),
            }  # fmt: skip
            key = self.region.random.text("session", self.region.call_id, number)[:40]
            await self.api.post(officer, f"{_API}/calls/{self.region.call_id}/sessions", plan, key=key)

    async def _record(self, snapshot: Snapshot) -> None:
        path, recorder = f"{_API}/bookings", self.region.actors.screener
        over = (await self.api.get(recorder, path, region=self.region.id, call_id=self.region.call_id, to_record=True))["items"]
        for booking in over:
            voucher = snapshot.vouchers.get(booking["voucher_id"])
            if voucher is None or voucher["code"] is None:
                continue
            first = booking["session"]["title"].endswith(" 1")
            absent = position_of(self.region, voucher) == ABSENT and first
            body = {"minutes": 0} if absent else {"minutes": booking["session"]["minutes"], "code": voucher["code"]}
            await attempt(self.api.post(recorder, f"{path}/{booking['id']}/attendance", body))


def position_of(region: Region, voucher: Json) -> int:
    """Of the case in the list of applications."""
    return [row["organisation_id"] for row in region.rows].index(voucher["organisation_id"])


async def confirm_capacity(region: Region) -> bool:
    """A person of finance confirms what the call gives. Returns False when that is done, or is not asked for."""
    confirmer = region.actors.budget_confirmer
    known = [one for one in await region.list_all(confirmer, f"{_API}/capacities") if one["call_id"] == region.call_id]
    if any(one["awaits_confirmation"] for one in known):
        await region.api.post(confirmer, f"{_API}/calls/{region.call_id}/capacity/confirmation")
    return not known
