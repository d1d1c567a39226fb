"""A draw: committed to before the call closes, secret until the approval, repeated by anyone afterwards."""

import hashlib
import hmac
import json
from uuid import UUID

from shared.contracts.evaluation import AwardGranted, DrawCommitted, RankingApproved
from shared.identity.actor import Role
from tests.integration.evaluation.conftest import Desk
from tests.support.evaluation import OPENS, Scene, actor

APPLICANT = actor("applicant-1", Role.APPLICANT, "draw")


async def test_anyone_can_repeat_the_draw_from_what_is_published(desk: Desk) -> None:
    scene = Scene("draw")
    await desk.take(scene.published())
    [committed] = await desk.events(DrawCommitted)
    assert committed.time < OPENS
    await desk.take(*(scene.eligible(n) for n in range(1, 7)), scene.screened(1, 2, 3, 4, 5, 6))
    before = await desk.ask(APPLICANT, "GET", f"/calls/{scene.call_id}/draw")
    assert (before["nonce_hash"], before["nonce"], before["seed"], before["order"]) == (committed.body["nonce_hash"], None, None, [])
    assert {each["rank"] for each in (await desk.ranking(scene))["entries"]} == {None}

    approved = await desk.approve(scene)
    told = await desk.ask(APPLICANT, "GET", f"/calls/{scene.call_id}/draw")
    assert hashlib.sha256(bytes.fromhex(told["nonce"])).hexdigest() == committed.body["nonce_hash"]
    list_hash = hashlib.sha256(told["list_text"].encode()).digest()
    seed = hashlib.sha256(list_hash + bytes.fromhex(told["nonce"])).digest()
    names = [each["application_id"] for each in json.loads(told["list_text"])["entries"]]
    order = sorted(names, key=lambda name: hmac.new(seed, name.encode(), hashlib.sha256).hexdigest())
    assert [each["application_id"] for each in approved["entries"]] == order
    assert [each["application_id"] for each in told["order"]] == order
    assert [each["listed_as"] for each in approved["entries"]] == ["granted"] * 2 + ["reserve"] * 4

    [event] = await desk.events(RankingApproved)
    assert (event.body["nonce"], event.body["seed"], event.body["list_hash"]) == (told["nonce"], seed.hex(), list_hash.hex())
    await desk.take(scene.appeals_over())
    assert [each.body["application_id"] for each in await desk.events(AwardGranted)] == order[:2]


async def test_every_call_has_a_nonce_of_its_own_and_keeps_it(desk: Desk) -> None:
    one, other = Scene("draw"), Scene("draw")
    await desk.take(one.published(), other.published(), one.published())
    hashes = [(UUID(event.body["call_id"]), event.body["nonce_hash"]) for event in await desk.events(DrawCommitted)]
    assert [call for call, _ in hashes] == [one.call_id, other.call_id]
    assert len({nonce for _, nonce in hashes}) == 2


async def test_a_first_come_call_draws_nothing(desk: Desk) -> None:
    scene = Scene("first-come")
    await desk.take(scene.published())
    assert await desk.events(DrawCommitted) == []
    await desk.ask(actor("applicant-1", Role.APPLICANT, "first-come"), "GET", f"/calls/{scene.call_id}/draw", 409)
