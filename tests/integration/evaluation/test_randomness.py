"""A draw with public randomness: it waits for the beacon's first round after screening, and takes no other."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.bls.point_compression import compress_G1, compress_G2
from py_ecc.optimized_bls12_381 import G2, multiply

from services.evaluation.tables import CallRow, RandomnessRow, RankingRow
from shared.contracts.evaluation import RandomnessRecorded, RankingApproved
from shared.identity.actor import Role
from shared.kernel.bls import DOMAIN
from shared.kernel.drand import first_round_after
from shared.policy.resolver import PolicyBook
from shared.policy.schema import Policy
from shared.policy.sections import PublicRandomness
from tests.integration.evaluation.conftest import Desk
from tests.support.evaluation import DRAW, FIRST_COME, Scene, actor, officer

SECRET = 20260105
"""The key of a beacon of these tests' own: a real one has not signed the rounds of their days."""
GENESIS, PERIOD = datetime(2025, 12, 1, tzinfo=UTC), 30


@cache
def public_key() -> str:
    return "".join(f"{part:096x}" for part in compress_G2(multiply(G2, SECRET)))


@cache
def signature(number: int, secret: int = SECRET) -> str:
    message = hashlib.sha256(number.to_bytes(8, "big")).digest()
    return f"{compress_G1(multiply(hash_to_G1(message, DOMAIN, hashlib.sha256), secret)):096x}"


def file_of(number: int, secret: int = SECRET, **changed: Any) -> str:
    signed = signature(number, secret)
    return json.dumps({"round": number, "signature": signed, "randomness": hashlib.sha256(bytes.fromhex(signed)).hexdigest()} | changed)


@dataclass
class Beaconed(Scene):
    """A draw under a policy that asks for public randomness. `approval` as in the policy."""

    approval: str = "officer"

    @property
    def policy(self) -> Policy:
        beacon = PublicRandomness(beacon="drand", chain_hash="ab" * 32, public_key=public_key(), genesis_at=GENESIS, period_seconds=PERIOD)
        given = super().policy
        selection = given.selection.model_copy(update={"randomness": beacon, "approval": self.approval})
        return given.model_copy(update={"selection": selection})


async def screened(desk: Desk, scene: Scene) -> int:
    """Publishes and screens the call. Returns the number of the round that its draw uses."""
    desk.policies = desk.inbox.policies = desk.app.state.policies = PolicyBook([scene.policy])
    await desk.receive(scene.published(), *(scene.eligible(n) for n in (1, 2, 3)), scene.screened(1, 2, 3))
    call = await desk.row(CallRow, scene.call_id)
    assert call.complete_at is not None
    return first_round_after(call.complete_at, GENESIS, PERIOD)


async def give(desk: Desk, scene: Scene, file: str, expect: int = 200, who: Any = None) -> Any:
    path = f"/calls/{scene.call_id}/randomness"
    return await desk.request(who or officer(scene.method, "officer-2"), "POST", path, expect, json={"file": file})


async def test_draw_waits_for_the_randomness_and_uses_it(desk: Desk) -> None:
    scene = Beaconed(DRAW)
    number = await screened(desk, scene)
    assert (await desk.approve(scene, expect=409))["code"] == "randomness-missing"
    reader, path = actor("applicant-1", Role.APPLICANT, DRAW), f"/calls/{scene.call_id}/draw"
    assert (await desk.request(reader, "GET", path))["awaits_beacon"] == "drand"
    view = await give(desk, scene, file_of(number))
    assert view["awaits_beacon"] is None
    assert await give(desk, scene, file_of(number)) == view
    shown = view["randomness"]
    assert (shown["round"], shown["file"], shown["chain_hash"], view["nonce"]) == (number, file_of(number), "ab" * 32, None)
    assert shown["file_hash"] == hashlib.sha256(file_of(number).encode()).hexdigest()
    await desk.approve(scene)
    draw = await desk.request(reader, "GET", path)
    parts = (draw["list_hash"], draw["nonce"], draw["randomness"]["randomness"])
    assert draw["seed"] == hashlib.sha256(bytes.fromhex("".join(parts))).hexdigest()
    [approved], [recorded] = await desk.events(RankingApproved), await desk.events(RandomnessRecorded)
    assert approved.body["randomness"] == recorded.body["randomness"] == draw["randomness"]["randomness"]
    assert datetime.fromisoformat(recorded.body["at"]) == GENESIS + timedelta(seconds=PERIOD * (number - 1))


async def test_list_without_approval_is_in_force_with_the_randomness(desk: Desk) -> None:
    scene = Beaconed(DRAW, approval="none")
    number = await screened(desk, scene)
    assert await desk.rows(RankingRow) == []
    await give(desk, scene, file_of(number))
    assert len(await desk.rows(RankingRow)) == 1


WRONG: list[tuple[str, int, dict[str, Any]]] = [
    ("randomness-before-screening", -1, {}),
    ("randomness-other-round", 1, {}),
    ("randomness-other-round", 1_000, {}),
    ("randomness-proof-wrong", 0, {"secret": SECRET + 1}),
    ("randomness-proof-wrong", 0, {"signature": signature(7)}),
    ("randomness-proof-wrong", 0, {"randomness": "00" * 32}),
    ("randomness-unreadable", 0, {"signature": "zz"}),
    ("randomness-unreadable", 0, {"round": "12"}),
    ("randomness-unreadable", 0, {"round": -1}),
]


@pytest.mark.parametrize(("code", "shift", "changed"), WRONG, ids=[f"{code}-{n}" for n, (code, *_) in enumerate(WRONG)])
async def test_other_randomness_is_refused_with_its_reason(desk: Desk, code: str, shift: int, changed: dict[str, Any]) -> None:
    scene = Beaconed(DRAW)
    number = await screened(desk, scene) + shift
    assert (await give(desk, scene, file_of(number, **changed), 422))["code"] == code
    assert await desk.rows(RandomnessRow) == []
    assert (await desk.approve(scene, expect=409))["code"] == "randomness-missing"


async def test_randomness_before_the_end_of_screening_is_refused(desk: Desk) -> None:
    scene = Beaconed(DRAW)
    desk.policies = desk.inbox.policies = desk.app.state.policies = PolicyBook([scene.policy])
    await desk.receive(scene.published(), scene.eligible(1))
    assert (await give(desk, scene, file_of(1), 409))["code"] == "screening-not-complete"


@pytest.mark.parametrize("scene", [Scene(DRAW), Beaconed(FIRST_COME)], ids=["no-beacon", "first-come"])
async def test_call_without_public_randomness_takes_none(desk: Desk, scene: Scene) -> None:
    desk.policies = desk.inbox.policies = desk.app.state.policies = PolicyBook([scene.policy])
    await desk.receive(scene.published())
    assert (await give(desk, scene, file_of(1), 409))["code"] == "no-randomness"


async def test_only_an_officer_of_the_region_gives_it(desk: Desk) -> None:
    scene = Beaconed(DRAW)
    number = await screened(desk, scene)
    for role in (Role.APPLICANT, Role.EVALUATOR, Role.AUDITOR, Role.FINANCE):
        assert (await give(desk, scene, file_of(number), 403, actor("somebody", role, DRAW)))["code"] == "wrong-role"
    stranger = replace(officer(FIRST_COME), id="officer-9")
    assert (await give(desk, scene, file_of(number), 403, stranger))["code"] == "foreign-region"
    assert await desk.rows(RandomnessRow) == []
