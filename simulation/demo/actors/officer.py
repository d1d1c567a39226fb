"""The officers of a call: one publishes it and imports the list, one returns and screens applications, one approves the ranking."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from operations.client import Problem
from shared.kernel.vocabulary import ApplicationState, CallState
from simulation.demo.actors.applicant import Applicants
from simulation.demo.actors.evaluator import Evaluators
from simulation.demo.region import Json, Region, attempt

ROWS_PER_REQUEST = 25
SCREENED_PER_REQUEST = 50
_CALLS, _APPLICATIONS = "/api/applications/calls", "/api/applications/applications"


async def published_calls(regions: Sequence[Region]) -> int:
    """How many calls the regions have; of an earlier run, or of somebody else."""
    pages = [await region.api.get(region.actors.officer, _CALLS, region=region.id, limit=1) for region in regions]
    return sum(page["total"] for page in pages)


async def publish_call(region: Region) -> None:
    """Publishes the call, or finds the same call if it is published. Raises `Problem` 'call-in-the-past' if it would have ended already."""
    call = await region.api.post(region.actors.officer, _CALLS, region.call.model_dump(mode="json"))
    region.call_id, region.extended_to = call["id"], datetime.fromisoformat(call["closes_at"])


class Officer:
    def __init__(self, region: Region, applicants: Applicants, evaluators: Evaluators) -> None:
        self.region, self.api, self.applicants, self.evaluators = region, region.api, applicants, evaluators
        self._reserves_registered = False

    async def import_list(self) -> None:
        """Imports the list in parts once the call is open, and records the outcome of every row."""
        await self.region.sleep_until(self.region.opens_at)
        individual = {row["row_key"] for row in self.applicants.individual}
        listed = [row for row in self.region.rows if row["row_key"] not in individual]
        for first in range(0, len(listed), ROWS_PER_REQUEST):
            await self._extend_if_late()
            await self._import(listed[first : first + ROWS_PER_REQUEST])

    async def _extend_if_late(self) -> None:
        """Extends a call that would close before its list is imported, as may happen on a slow machine."""
        profile = self.region.behaviour.profile
        if self.region.now < self.region.closes_at - profile.call_extended_before or self.region.now >= self.region.closes_at:
            return
        extension = {"closes_at": (self.region.closes_at + profile.call_extended_by).isoformat(), "reason": "list-not-complete"}
        call = await attempt(self.api.post(self.region.actors.officer, f"{_CALLS}/{self.region.call_id}/extension", extension))
        if call is not None:
            self.region.extended_to = datetime.fromisoformat(call["closes_at"])

    async def _import(self, rows: list[Json]) -> None:
        organisation = self.region.organisations.id_of
        listed = [
            {**{name: row[name] for name in ("row_key", "form")}, "organisation_id": organisation(row["organisation_id"])} for row in rows
        ]
        body = {"call_id": self.region.call_id, "rows": listed}
        try:
            answer = await self.api.post(self.region.actors.officer, "/api/applications/imports", body)
        except Problem as problem:
            self.region.refused |= {row["row_key"]: problem.code for row in rows}
            return
        for result in answer["results"]:
            if result["outcome"] == "refused":
                self.region.refused[result["row_key"]] = result["code"]
            else:
                self.region.submitted[result["row_key"]] = result["application_id"]

    async def screen(self) -> bool:
        """Handles the submitted applications once: returns some, lets applicants withdraw some, screens the rest.

        Returns False when the call is closed and no application is left to screen.
        """
        submitted = await self._in_state(ApplicationState.SUBMITTED)
        for application in submitted:
            if application["revision"] == 1 and self.region.behaviour.is_returned(application["organisation_id"]):
                await attempt(self._return(application))
            else:
                await self.applicants.withdraw(application)
        returned = await self._in_state(ApplicationState.RETURNED)
        await self.applicants.correct(returned)
        if submitted:
            path = f"{_CALLS}/{self.region.call_id}/screening?limit={SCREENED_PER_REQUEST}"
            await attempt(self.api.post(self.region.actors.screener, path))
        call = await self.api.get(self.region.actors.officer, f"{_CALLS}/{self.region.call_id}")
        return bool(submitted or returned or call["state"] != CallState.CLOSED)

    async def _in_state(self, state: ApplicationState) -> list[Any]:
        return await self.region.list_all(self.region.actors.officer, _APPLICATIONS, state=state, call_id=self.region.call_id)

    async def _return(self, application: Json) -> None:
        path = f"{_APPLICATIONS}/{application['id']}/return"
        await self.api.post(
            self.region.actors.screener, path, {"fields": ["project.summary"], "note": "Please describe the project in more detail."}
        )

    async def approve(self) -> bool:
        """Approves the list once it is ready, by an officer who did not score; registers reserve evaluators if no other may score a case.

        Returns False when that is done.
        """
        path = f"/api/evaluation/calls/{self.region.call_id}/ranking"
        ranking = await self.api.get(self.region.actors.second_officer, path)
        if ranking["waits_for"]["unassigned_seats"] and not self._reserves_registered:
            self._reserves_registered = True
            await attempt(self.evaluators.register_reserves())
        if ranking["state"] == "ready":
            await attempt(self.api.post(self.region.actors.second_officer, f"{path}/approval", {"list_hash": ranking["list_hash"]}))
        return ranking["state"] in ("waiting", "ready")
