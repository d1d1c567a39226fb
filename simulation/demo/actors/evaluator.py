"""Evaluators: registered by the officer, they declare, step back when in conflict, and score."""

import asyncio
from collections.abc import Sequence
from typing import Any

from operations.client import Person
from simulation.demo.region import Json, Region, attempt

_SHEETS_A_TURN = 24


class Evaluators:
    """All evaluators of one region."""

    def __init__(self, region: Region) -> None:
        self.region, self.api = region, region.api
        self.people = {person.subject: person for person in [*region.cast.evaluators, *region.cast.reserves]}
        self._organisations: dict[str, str] = {}

    async def register(self) -> None:
        """Two of three read both languages; each has ties, some of them to applicants of the call."""
        for person in self.region.cast.evaluators:
            await self.api.post(self.region.cast.officer, "/api/evaluation/evaluators", self._profile(person))

    async def register_reserves(self) -> None:
        """They read both languages and are tied to nobody, whatever the case: after them there is nobody to ask."""
        for person in self.region.cast.reserves:
            profile = self._profile(person) | {"languages": list(self.region.policy.languages), "relations": []}
            await self.api.post(self.region.cast.officer, "/api/evaluation/evaluators", profile)

    def _profile(self, person: Person) -> dict[str, Any]:
        dice, languages = self.region.dice, self.region.policy.languages
        tied = [dice.one_of(self.region.rows, "tie", person.subject, number) for number in range(2)] if self.region.rows else []
        return {
            "evaluator_id": person.subject,
            "region": self.region.id,
            "languages": list(languages if dice.percent(67, "languages", person.subject) else languages[:1]),
            "topics": sorted({dice.one_of(self.region.policy.eligibility.activity_codes, "topic", person.subject, n) for n in range(3)}),
            "relations": [relation for row in tied for relation in _ties(row)],
        }

    async def turn(self) -> None:
        """Works off some of what is assigned."""
        officer = self.region.cast.officer
        waiting = [
            assignment
            for state in ("assigned", "declared")
            for assignment in await self.region.listed(officer, "/api/evaluation/assignments", state=state)
            if assignment["evaluator_id"] in self.people
        ][:_SHEETS_A_TURN]
        if any(assignment["application_id"] not in self._organisations for assignment in waiting):
            await self._learn_cases()
        await asyncio.gather(*(attempt(self._evaluate(assignment)) for assignment in waiting))

    async def _learn_cases(self) -> None:
        """An evaluator's opinion hangs on the organisation, whose id is the same in every run."""
        cases = await self.region.listed(self.region.cast.officer, "/api/evaluation/cases")
        self._organisations = {case["application_id"]: case["organisation_id"] for case in cases}

    async def _evaluate(self, assignment: Json) -> None:
        person, path = self.people[assignment["evaluator_id"]], f"/api/evaluation/assignments/{assignment['id']}"
        case = self._organisations.get(assignment["application_id"], "")
        if assignment["state"] == "assigned":
            reserve = person in self.region.cast.reserves
            conflict = not reserve and self.region.behaviour.declares_conflict(person.subject, case)
            declaration = {"conflict": True, "kind": "employer"} if conflict else {"conflict": False}
            await self.api.post(person, f"{path}/declaration", declaration)
            if conflict:
                return
        scores = self.region.behaviour.score_sheet(person.subject, case, self._points_max)
        await self.api.post(person, f"{path}/scores", {"scores": scores, "comment": "Scored in the demonstration."})

    @property
    def _points_max(self) -> dict[str, int]:
        rules = self.region.policy.evaluation
        return {criterion.id: criterion.points_max for criterion in rules.criteria} if rules else {}


def _ties(row: Json) -> Sequence[dict[str, str]]:
    """What an evaluator has in common with the row's applicant: the number of an employer, an owner."""
    applicant = row["form"].get("applicant", {})
    ties = [{"kind": "owner", "value": owner} for owner in applicant.get("owners", [])[:1]]
    return [*ties, *({"kind": "tax-number", "value": number} for number in [applicant.get("tax_number")] if number)]
