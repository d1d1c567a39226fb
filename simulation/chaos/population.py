"""Who works on the platform in a round: the demonstration's people, few and in a hurry, in two regions with calls of their own.

Each round has other organisations and other calls than every round before it, so rounds can share a started platform. The envelopes
hold about a third of what is asked for: awards race for the last of it, the reserve list moves, and some go away with nothing.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from operations.client import Api
from shared.kernel.clock import ProgrammeClock
from shared.policy.loader import load_book
from shared.policy.schema import Policy
from simulation.chaos.hurried import HABITS, call_from
from simulation.demo.actors.officer import publish_call
from simulation.demo.behaviour import Behaviour
from simulation.demo.dice import Dice
from simulation.demo.load import OPERATIONS
from simulation.demo.operations import PLACES, ImportRow, Target, to_row
from simulation.demo.play import Play
from simulation.demo.region import Json, Region

REGIONS, ROWS, ENVELOPE_PERCENT = 2, 14, 32
LONGEST = timedelta(days=140)
"""Programme time that a round may take; what is not settled then is a finding."""


def population(api: Api, clock: ProgrammeClock, regions: Path, dice: Dice) -> list[Play]:
    """The plays of one round. `regions`: the folder of the policies that the platform goes by; `dice` those of the round."""
    policies = list(load_book(regions).all())
    chosen = sorted(policies, key=lambda policy: dice.number("region", policy.region))[:REGIONS]
    return [Play(_region(api, clock, policy, dice), hurry=3, longest=LONGEST) for policy in chosen]


def _region(api: Api, clock: ProgrammeClock, policy: Policy, dice: Dice) -> Region:
    now = max(clock.now(), datetime.combine(policy.effective_from, time(), UTC))  # a platform just begun is some days early
    rows = list(islice(_rows(policy, Target(policy, now.date()), dice), ROWS))
    asked = sum(row["form"]["costs"]["requested_minor"] for row in rows)
    call = call_from(now, policy, f"round-{dice.seed}", asked * ENVELOPE_PERCENT // 100)
    return Region(policy.region, policy, call, api, Behaviour(Dice(f"{dice.seed} {policy.region}"), HABITS), clock, len(rows), rows)


def _rows(policy: Policy, target: Target, dice: Dice) -> Sequence[Json]:
    made = [to_row(operation | {"hash": _hash_in(dice, operation)}, {policy.region: target}) for operation in _operations(policy.region)]
    rows = [row for row in made if isinstance(row, ImportRow)]
    rows.sort(key=lambda row: dice.number("row", row.row_key))
    return [{"row_key": row.row_key, "organisation_id": str(row.organisation_id), "form": row.form} for row in rows]


def _operations(region: str) -> list[dict[str, Any]]:
    with OPERATIONS.open(encoding="utf-8") as lines:
        operations = [json.loads(line) for line in lines if line.strip()]
    return [operation for operation in operations if PLACES.get(operation["country"], ("",))[0] == region]


def _hash_in(dice: Dice, operation: Json) -> str:
    """Another one in each round: it is what an organisation's id is derived from."""
    return hashlib.sha256(f"{dice.seed} {operation['hash']}".encode()).hexdigest()[:16]


async def play(plays: Sequence[Play]) -> None:
    """Returns when everything is settled, or `LONGEST` has passed."""
    for each in plays:
        await publish_call(each.region)
    async with asyncio.TaskGroup() as tasks:
        for each in plays:
            tasks.create_task(each.run())
