"""Applicants who hand in themselves: draft, save, submit; who mend what was returned; who take back; and the one who is too late."""

import asyncio
from datetime import datetime, timedelta

from operations.client import Problem
from simulation.demo.region import Json, Region, attempt

LATE_BY = timedelta(hours=18)
_PATH = "/api/applications/applications"


class Applicants:
    """`by_hand` are the rows that are not in the officer's list; the last of them comes too late."""

    def __init__(self, region: Region) -> None:
        self.region, self.api = region, region.api
        organisations = [row["organisation_id"] for row in region.rows]
        alone = [row for row in region.rows if organisations.count(row["organisation_id"]) == 1]
        self.by_hand = [row for row in alone if region.behaviour.hands_in_by_hand(row["organisation_id"])]
        self._alone = {row["organisation_id"] for row in alone}
        self._forms = {row["organisation_id"]: row["form"] for row in region.rows}

    async def hand_in(self) -> None:
        """Each at a moment of its own within the window."""
        late = self.by_hand[-1:] if len(self.by_hand) > 1 else []
        await asyncio.gather(*(self._hand_in_row(row, too_late=row in late) for row in self.by_hand))

    async def _hand_in_row(self, row: Json, *, too_late: bool) -> None:
        case, window = row["organisation_id"], self.region.closes_at - self.region.opens_at
        moment = self.region.opens_at + window * self.region.dice.between(3, 60, "moment", case) // 100
        await self.region.sleep_until(moment)
        try:
            application_id = await self._draft(row)
            while too_late and self.region.now < self.region.closes_at + LATE_BY:  # the call may be extended meanwhile
                await self.region.sleep_until(self.region.closes_at + LATE_BY)
            await self._submit(case, application_id)
            self.region.handed_in[row["row_key"]] = application_id
        except Problem as problem:
            self.region.refused[row["row_key"]] = problem.code

    async def _draft(self, row: Json) -> str:
        """Begun with an empty form, then filled in; the key finds the draft that an earlier run began."""
        case = row["organisation_id"]
        person, key = self.region.cast.applicant(case), self.region.dice.text("draft", self.region.call_id, row["row_key"])[:40]
        draft = await self.api.post(person, _PATH, {"call_id": self.region.call_id, "form": {}}, key=key)
        application = await self.api.get(person, f"{_PATH}/{draft['id']}")
        if application["state"] == "draft":
            await self.api.put(person, f"{_PATH}/{draft['id']}", {"form": row["form"]})
        return str(draft["id"])

    async def _submit(self, case: str, application_id: str) -> None:
        person = self.region.cast.applicant(case)
        application = await self.api.get(person, f"{_PATH}/{application_id}")
        if application["state"] == "draft":
            await self.api.post(person, f"{_PATH}/{application_id}/submission")

    async def mend(self, returned: list[Json]) -> None:
        """Repairs what was returned, some days later; some never do."""
        await asyncio.gather(*(attempt(self._mend(application)) for application in returned))

    async def _mend(self, application: Json) -> None:
        case = application["organisation_id"]
        within = timedelta(days=7) - (datetime.fromisoformat(application["repair_by"]) - self.region.now)
        if not self.region.behaviour.repairs(case) or within < timedelta(days=2):
            return
        person, path = self.region.cast.applicant(case), f"{_PATH}/{application['id']}"
        form = self._forms.get(case)
        if form is not None:
            summary = f"{form.get('project', {}).get('summary', '')} Completed on request."
            await self.api.put(person, path, {"form": form | {"project": form["project"] | {"summary": summary}}})
            await self.api.post(person, f"{path}/submission")

    async def take_back(self, application: Json) -> None:
        """Not where the list holds the project again: the repetition would take the place that became free."""
        if application["organisation_id"] not in self._alone or not self.region.behaviour.takes_back(application["organisation_id"]):
            return
        person = self.region.cast.applicant(application["organisation_id"])
        path = f"{_PATH}/{application['id']}/withdrawal"
        await attempt(self.api.post(person, path, {"reason": "project-given-up"}))
