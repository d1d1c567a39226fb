"""Two officers of finance who resolve what the bank says and no rule could apply: one proposes, the other confirms."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator

from operations.client import Problem
from simulation.demo.region import Json, Region, Step, attempt
from simulation.demo.snapshot import CORRECTION, DOUBLE, REJECTED_LATE, RESOLUTIONS, Snapshot

_LINES, _PROPOSALS = "/api/payments/bank-lines", "/api/payments/line-proposals"
_MOST_A_TURN = 10
_MATCHED, _IN_PART, _OTHERWISE = "matched", "returned-in-part", "otherwise"


class BankLines:
    def __init__(self, region: Region) -> None:
        self.region, self.api = region, region.api

    async def act(self, snapshot: Snapshot) -> None:
        await asyncio.gather(*(attempt(step) for _, step in zip(range(_MOST_A_TURN), self._steps(snapshot), strict=False)))

    def _steps(self, snapshot: Snapshot) -> Iterator[Step]:
        pairs: dict[str, dict[str, Json]] = defaultdict(dict)
        for line in snapshot.lines:
            if line["reason"] in RESOLUTIONS:
                yield self._resolve(line)
            elif line["reason"] == REJECTED_LATE:
                yield self._rejected(line)
            elif line["reason"] in (DOUBLE, CORRECTION):
                pairs[str(line["disbursement_id"])][line["reason"]] = line
        for pair in pairs.values():
            if len(pair) == 2:
                yield self._withdrawn(list(pair.values()))

    async def _resolve(self, line: Json) -> None:
        """A match that would change nothing, because another line said the same before, is resolved otherwise."""
        wanted = RESOLUTIONS[line["reason"]]
        try:
            await self._two_persons(line, wanted)
        except Problem as problem:
            if wanted != _MATCHED or problem.code != "match-without-effect":
                raise
            await self._two_persons(line, _OTHERWISE)

    async def _two_persons(self, line: Json, resolution: str) -> None:
        """What an earlier run has proposed is confirmed."""
        one, other, path = self.region.actors.approver, self.region.actors.second_approver, f"{_LINES}/{line['line_id']}"
        waiting = [proposal for proposal in (await self.api.get(other, path))["proposals"] if proposal["state"] == "proposed"]
        body = {"resolution": resolution, "reason": "bank-asked"}
        if resolution in (_MATCHED, _IN_PART):
            body["disbursement_id"] = line["disbursement_id"]
        if resolution == _IN_PART:
            body["rest"] = "charge"
        proposal = waiting[0] if waiting else await self.api.post(one, f"{path}/proposals", body)
        await self.api.post(other, f"{_PROPOSALS}/{proposal['proposal_id']}/confirmation")

    async def _rejected(self, line: Json) -> None:
        """It changes nothing any more where the payment was booked since."""
        path = f"{_LINES}/{line['line_id']}/resolution"
        try:
            await self.api.post(self.region.actors.approver, path, {"resolution": "confirmed"})
        except Problem as problem:
            if problem.code != "line-not-applicable":
                raise
            await self.api.post(self.region.actors.approver, path, {"resolution": "no-effect"})

    async def _withdrawn(self, pair: list[Json]) -> None:
        for line in pair:
            await self.api.post(self.region.actors.approver, f"{_LINES}/{line['line_id']}/resolution", {"resolution": "bank-error"})
