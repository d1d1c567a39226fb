"""The officer's desk for a call: publish it, take in the region's list, return what is incomplete, screen, approve the ranking."""

from datetime import datetime
from typing import Any

from operations.client import Problem
from simulation.demo.actors.applicant import Applicants
from simulation.demo.actors.evaluator import Evaluators
from simulation.demo.region import Json, Region, attempt

ROWS_AT_ONCE = 25
SCREENED_AT_ONCE = 50
_CALLS, _APPLICATIONS = "/api/applications/calls", "/api/applications/applications"


async def publish_call(region: Region) -> None:
    """The same call again is the call that is there. `Problem` 'call-in-the-past' when it would have ended already."""
    call = await region.api.post(region.cast.officer, _CALLS, region.call.model_dump(mode="json"))
    region.call_id, region.extended_to = call["id"], datetime.fromisoformat(call["closes_at"])


class Officer:
    def __init__(self, region: Region, applicants: Applicants, evaluators: Evaluators) -> None:
        self.region, self.api, self.applicants, self.evaluators = region, region.api, applicants, evaluators
        self._reserves_asked = False

    async def take_in(self) -> None:
        """The list in parts, as soon as the call is open; every row's outcome is kept."""
        await self.region.sleep_until(self.region.opens_at)
        by_hand = {row["row_key"] for row in self.applicants.by_hand}
        listed = [row for row in self.region.rows if row["row_key"] not in by_hand]
        for first in range(0, len(listed), ROWS_AT_ONCE):
            await self._keep_open()
            await self._import(listed[first : first + ROWS_AT_ONCE])

    async def _keep_open(self) -> None:
        """A call that would close before its list is in, on a machine with much else to do, is extended."""
        habits = self.region.behaviour.habits
        if self.region.now < self.region.closes_at - habits.call_extended_before or self.region.now >= self.region.closes_at:
            return
        longer = {"closes_at": (self.region.closes_at + habits.call_extended_by).isoformat(), "reason": "list-not-complete"}
        call = await attempt(self.api.post(self.region.cast.officer, f"{_CALLS}/{self.region.call_id}/extension", longer))
        if call is not None:
            self.region.extended_to = datetime.fromisoformat(call["closes_at"])

    async def _import(self, rows: list[Json]) -> None:
        fields = ("row_key", "organisation_id", "form")
        body = {"call_id": self.region.call_id, "rows": [{name: row[name] for name in fields} for row in rows]}
        try:
            answer = await self.api.post(self.region.cast.officer, "/api/applications/imports", body)
        except Problem as problem:
            self.region.refused |= {row["row_key"]: problem.code for row in rows}
            return
        for result in answer["results"]:
            if result["outcome"] == "refused":
                self.region.refused[result["row_key"]] = result["code"]
            else:
                self.region.handed_in[result["row_key"]] = result["application_id"]

    async def screen(self) -> bool:
        """One look at what is submitted: some is returned, some taken back by its applicants, the rest screened.

        False when the call is closed and nothing is left to screen.
        """
        submitted = await self._in_state("submitted")
        for application in submitted:
            if application["revision"] == 1 and self.region.behaviour.is_returned(application["organisation_id"]):
                await attempt(self._return(application))
            else:
                await self.applicants.take_back(application)
        returned = await self._in_state("returned")
        await self.applicants.mend(returned)
        if submitted:
            path = f"{_CALLS}/{self.region.call_id}/screening?limit={SCREENED_AT_ONCE}"
            await attempt(self.api.post(self.region.cast.officer, path))
        call = await self.api.get(self.region.cast.officer, f"{_CALLS}/{self.region.call_id}")
        return bool(submitted or returned or call["state"] != "closed")

    async def _in_state(self, state: str) -> list[Any]:
        return await self.region.listed(self.region.cast.officer, _APPLICATIONS, state=state, call_id=self.region.call_id)

    async def _return(self, application: Json) -> None:
        path = f"{_APPLICATIONS}/{application['id']}/return"
        await self.api.post(self.region.cast.officer, path, {"fields": ["project.summary"], "note": "Please say more of the project."})

    async def approve(self) -> bool:
        """Approves the list once it is ready, by an officer who did not score; asks the reserves where nobody else may score.

        False when that is done.
        """
        path = f"/api/evaluation/calls/{self.region.call_id}/ranking"
        ranking = await self.api.get(self.region.cast.second_officer, path)
        if ranking["waits_for"]["unassigned_places"] and not self._reserves_asked:
            self._reserves_asked = True
            await attempt(self.evaluators.register_reserves())
        if ranking["state"] == "ready":
            await attempt(self.api.post(self.region.cast.second_officer, f"{path}/approval", {"list_hash": ranking["list_hash"]}))
        return ranking["state"] in ("waiting", "ready")
