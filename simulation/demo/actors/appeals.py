"""Appeals against the list of a call: some applicants who got nothing lodge one, an officer who took no other part upholds or dismisses
each; a case whose appeal was upheld is scored again, and another list takes the place of the first."""

from typing import Any

from operations.client import Problem
from simulation.demo.region import Json, Region, attempt

_CASES, _APPEALS = "/api/evaluation/cases", "/api/evaluation/appeals"
UPHELD = ("upheld", "settled")


class Appeals:
    """`states`: of the appeals of the call, as they were read last."""

    def __init__(self, region: Region) -> None:
        self.region, self.api = region, region.api
        self.states: list[str] = []

    async def act(self) -> bool:
        """One turn. Returns False once the decisions of the call are issued."""
        actors, path = self.region.actors, f"/api/evaluation/calls/{self.region.call_id}/ranking"
        ranking = await self.api.get(actors.second_officer, path)
        appeals = await self.region.list_all(actors.officer, _APPEALS, call_id=self.region.call_id)
        self.states = [appeal["state"] for appeal in appeals]
        self.region.upheld |= {appeal["application_id"] for appeal in appeals if appeal["state"] in UPHELD}
        if ranking["state"] == "decided":
            return False
        if not appeals and ranking["state"] == "approved" and ranking["appeals_over_at"] is None:
            await self._lodge(ranking)
        for appeal in appeals:
            if appeal["state"] == "lodged":
                await attempt(self._decide(appeal, [one["application_id"] for one in appeals]))
        if ranking["state"] == "revising" and ranking["list_hash"] and not _waits(ranking) and ranking["open_appeals"] == 0:
            await attempt(self.api.post(actors.second_officer, f"{path}/approval", {"list_hash": ranking["list_hash"]}))
        return True

    async def _lodge(self, ranking: Json) -> None:
        """Those nearest to the cut-off, as many as the profile says."""
        most = self.region.behaviour.profile.appeals
        refused = [entry for entry in ranking["entries"] if entry["listed_as"] in ("reserve", "refused") and not entry["withdrawn"]]
        nearest = sorted(refused, key=_distance)[:most]
        cases = await self.region.list_all(self.region.actors.officer, _CASES, call_id=self.region.call_id) if nearest else []
        organisations = {case["application_id"]: case["organisation_id"] for case in cases}
        for entry in nearest:
            person = self.region.actors.applicant(organisations[entry["application_id"]])
            grounds = {"grounds": "The points for feasibility do not fit what the application says."}
            await attempt(self.api.post(person, f"{_CASES}/{entry['application_id']}/appeal", grounds))

    async def _decide(self, appeal: Json, lodged: list[str]) -> None:
        """The first of the call is upheld, the second dismissed, and so on."""
        upheld = lodged.index(appeal["application_id"]) % 2 == 0
        reasons: dict[str, Any] = {"reasons": "Decided in the demonstration, by the order of the appeals."}
        body = reasons | ({"rescoring": "same-evaluators"} if upheld else {})
        try:
            await self.api.post(self.region.actors.officer, f"{_APPEALS}/{appeal['id']}/decision", body)
        except Problem as problem:
            if problem.code != "appeal-decided":  # the answer to an earlier try was lost
                raise


def _distance(entry: Json) -> tuple[bool, int, str]:
    """From the cut-off, below it."""
    return (entry["listed_rank"] is None, entry["listed_rank"] or 0, str(entry["application_id"]))


def _waits(ranking: Json) -> bool:
    waits = ranking["waits_for"]
    return bool(waits["screening"] or waits["unassigned_seats"] or waits["evaluations"])
