"""Evaluators: registered by the officer, they declare whether they have a conflict of interest, and score."""

import asyncio
from collections.abc import Sequence
from typing import Any

from operations.client import Person
from shared.kernel.vocabulary import AssignmentState
from simulation.demo.region import Json, Region, attempt

_SHEETS_PER_TURN = 24
RAISED = 10
"""Percent of the points that an upheld appeal brings."""
_WORDS = "Scored in the demonstration, by the number of the organisation."


class Evaluators:
    """All evaluators of one region. `people`: by the id that the platform has for them. The reserves among them may be registered by an
    earlier call on this platform, and get cases of this one."""

    def __init__(self, region: Region) -> None:
        self.region, self.api = region, region.api
        self.people: dict[str, Person] = {}
        self._organisations: dict[str, str] = {}

    async def register(self) -> None:
        """Registers them. Two of three read both languages; a few have relations to applicants, and get no case
        of a call in which these apply."""
        await self.know()
        for person in self.region.actors.evaluators:
            await self._register(person, self._profile(person))

    async def know(self) -> None:
        """Those that the region's own call has registered."""
        actors = self.region.actors
        self.people = {await self.api.id_of(person): person for person in (*actors.evaluators, *actors.reserves)}

    async def register_reserves(self) -> None:
        """Registers reserve evaluators. They read both languages and have no relations, so each of them may take every case."""
        for person in self.region.actors.reserves:
            profile = self._profile(person) | {"languages": list(self.region.policy.languages), "relations": []}
            await self._register(person, profile)

    async def _register(self, person: Person, profile: dict[str, Any]) -> None:
        body = profile | {"evaluator_id": await self.api.id_of(person)}
        await self.api.post(self.region.actors.officer, "/api/evaluation/evaluators", body)

    def _profile(self, person: Person) -> dict[str, Any]:
        random, languages = self.region.random, self.region.policy.languages
        tied = bool(self.region.rows) and random.percent(15, "tied", person.subject)
        related = [random.one_of(self.region.rows, "tie", person.subject, number) for number in range(2)] if tied else []
        return {
            "region": self.region.id,
            "languages": list(languages if random.percent(67, "languages", person.subject) else languages[:1]),
            "topics": sorted({random.one_of(self.region.policy.eligibility.activity_codes, "topic", person.subject, n) for n in range(3)}),
            "relations": [relation for row in related for relation in _relations_to(row)],
        }

    async def act(self) -> None:
        """Declares and scores some of the open assignments."""
        officer = self.region.actors.officer
        waiting = [
            assignment
            for state in (AssignmentState.ASSIGNED, AssignmentState.DECLARED)
            for assignment in await self.region.list_all(officer, "/api/evaluation/assignments", state=state, call_id=self.region.call_id)
            if assignment["evaluator_id"] in self.people
        ][:_SHEETS_PER_TURN]
        if any(assignment["application_id"] not in self._organisations for assignment in waiting):
            await self._load_organisations()
        await asyncio.gather(*(attempt(self._evaluate(assignment)) for assignment in waiting))

    async def _load_organisations(self) -> None:
        """Scores follow from the organisation's id, which is the same in every run."""
        cases = await self.region.list_all(self.region.actors.officer, "/api/evaluation/cases")
        self._organisations = {case["application_id"]: case["organisation_id"] for case in cases}

    async def _evaluate(self, assignment: Json) -> None:
        person, path = self.people[assignment["evaluator_id"]], f"/api/evaluation/assignments/{assignment['id']}"
        case = self._organisations.get(assignment["application_id"], "")
        if assignment["state"] == AssignmentState.ASSIGNED:
            reserve = person in self.region.actors.reserves
            conflict = not reserve and self.region.behaviour.declares_conflict(person.subject, case)
            declaration = {"conflict": True, "kind": "employer"} if conflict else {"conflict": False}
            await self.api.post(person, f"{path}/declaration", declaration)
            if conflict:
                return
        raised = RAISED if assignment["application_id"] in self.region.upheld else 0
        scores = self.region.behaviour.score_sheet(person.subject, case, self._points_max, raised=raised)
        await self.api.post(
            person, f"{path}/scores", {"scores": scores, "justifications": dict.fromkeys(scores, _WORDS), "comment": _WORDS}
        )

    @property
    def _points_max(self) -> dict[str, int]:
        rules = self.region.policy.evaluation
        return {criterion.id: criterion.points_max for criterion in rules.criteria} if rules else {}


def _relations_to(row: Json) -> Sequence[dict[str, str]]:
    """Returns relations of an evaluator to the row's applicant: its owner, and its tax number."""
    applicant = row["form"].get("applicant", {})
    relations = [{"kind": "owner", "value": owner} for owner in applicant.get("owners", [])[:1]]
    return [*relations, *({"kind": "tax-number", "value": number} for number in [applicant.get("tax_number")] if number)]
