"""Applicants who submit individually: draft, save, give files, submit. They correct returned applications and withdraw; the last one is
too late."""

import asyncio
from datetime import datetime, timedelta

from operations.client import Person, Problem
from shared.kernel.vocabulary import ApplicationState
from simulation.demo.region import Json, Region, attempt
from simulation.sample_files import sample_pdf

LATE_AFTER_CLOSING = timedelta(hours=18)
_PATH, _INVITATIONS = "/api/applications/applications", "/api/applications/invitations"
_LOOK_SECONDS = 2.0
"""Real time between two looks at the invitations."""


class Applicants:
    """`individual`: the rows that are not in the officer's list. The last of them is submitted too late."""

    def __init__(self, region: Region) -> None:
        self.region, self.api = region, region.api
        organisations = [row["organisation_id"] for row in region.rows]
        single = [row for row in region.rows if organisations.count(row["organisation_id"]) == 1]
        self.individual = [row for row in single if region.behaviour.submits_individually(row["organisation_id"])]
        self._single = {row["organisation_id"] for row in single}
        self._forms = {row["organisation_id"]: row["form"] for row in region.rows}

    async def submit_all(self) -> None:
        """Submits each application at its own time within the window. The last one is submitted too late."""
        late = self.individual[-1:] if len(self.individual) > 1 and not self.region.policy.by_invitation else []
        await asyncio.gather(*(self._submit_row(row, is_late=row in late) for row in self.individual))

    async def _submit_row(self, row: Json, *, is_late: bool) -> None:
        case, window = row["organisation_id"], self.region.closes_at - self.region.opens_at
        moment = self.region.opens_at + window * self.region.random.between(3, 60, "moment", case) // 100
        await self.region.sleep_until(moment)
        if self.region.policy.by_invitation:
            await self._wait_for_invitation(case)
        try:
            application_id = await self.draft(row)
            # A loop, since the call may be extended meanwhile.
            while is_late and self.region.now < self.region.closes_at + LATE_AFTER_CLOSING:
                await self.region.sleep_until(self.region.closes_at + LATE_AFTER_CLOSING)
            await self.submit(case, application_id)
            self.region.submitted[row["row_key"]] = application_id
        except Problem as problem:
            self.region.refused[row["row_key"]] = problem.code

    async def _wait_for_invitation(self, case: str) -> None:
        """Until the organisation is invited to the call, or the call has closed."""
        person = self.region.actors.applicant(case)
        while self.region.now < self.region.closes_at:
            invited = await attempt(self.api.get(person, _INVITATIONS)) or []
            if any(one["call_id"] == self.region.call_id for one in invited):
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def draft(self, row: Json) -> str:
        """Creates the draft with an empty form, then saves the form. The key finds the draft that an earlier run created."""
        case = row["organisation_id"]
        person, key = self.region.actors.applicant(case), self.region.random.text("draft", self.region.call_id, row["row_key"])[:40]
        draft = await self.api.post(person, _PATH, {"call_id": self.region.call_id, "form": {}}, key=key)
        application = await self.api.get(person, f"{_PATH}/{draft['id']}")
        if application["state"] == ApplicationState.DRAFT:
            await self.api.put(person, f"{_PATH}/{draft['id']}", {"form": row["form"]})
        return str(draft["id"])

    async def submit(self, case: str, application_id: str) -> None:
        person = self.region.actors.applicant(case)
        application = await self.api.get(person, f"{_PATH}/{application_id}")
        if application["state"] == ApplicationState.DRAFT:
            await self._give_files(person, application)
            await self.api.post(person, f"{_PATH}/{application_id}/submission")

    async def _give_files(self, person: Person, application: Json) -> None:
        """A small PDF for each question that still needs a file. The key finds the one that an earlier run gave."""
        for question in self.region.file_questions & set(application.get("missing", ())):
            key = self.region.random.text("file", application["id"], question)[:40]
            content = sample_pdf(f"Made up for demonstration: {question}")
            await self.api.give(person, f"{_PATH}/{application['id']}/files", "demonstration.pdf", content, key=key, question=question)

    async def correct(self, returned: list[Json]) -> None:
        """Corrects returned applications some days later. Some applicants never do."""
        await asyncio.gather(*(attempt(self._correct(application)) for application in returned))

    async def _correct(self, application: Json) -> None:
        case = application["organisation_id"]
        since_return = timedelta(days=7) - (datetime.fromisoformat(application["repair_by"]) - self.region.now)
        if not self.region.behaviour.corrects(case) or since_return < timedelta(days=2):
            return
        person, path = self.region.actors.applicant(case), f"{_PATH}/{application['id']}"
        form = self._forms.get(case)
        if form is not None:
            summary = f"{form.get('project', {}).get('summary', '')} Completed on request."
            changed = await self.api.put(person, path, {"form": form | {"project": form["project"] | {"summary": summary}}})
            await self._give_files(person, changed)
            await self.api.post(person, f"{path}/submission")

    async def withdraw(self, application: Json) -> None:
        """Withdraws, unless the list has the same project twice: the second row would then take the free place."""
        if application["organisation_id"] not in self._single or not self.region.behaviour.withdraws_application(
            application["organisation_id"]
        ):
            return
        person = self.region.actors.applicant(application["organisation_id"])
        path = f"{_PATH}/{application['id']}/withdrawal"
        await attempt(self.api.post(person, path, {"reason": "project-given-up"}))
