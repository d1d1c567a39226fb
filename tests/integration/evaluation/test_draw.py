"""A draw: committed to before the call closes, secret until the approval, repeatable by anyone afterwards."""

import hashlib
import hmac
import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from services.evaluation.commands.seal_nonces import seal_nonces
from services.evaluation.tables import CallRow
from shared.contracts.evaluation import AwardGranted, DrawCommitted, RankingApproved
from shared.database import sessions_of
from shared.database.sealing import SealBroken, Sealer, unseal
from shared.identity.actor import SYSTEM, Role
from shared.kernel.ids import new_id
from tests.integration.evaluation.conftest import Desk
from tests.support.evaluation import DRAW, FIRST_COME, OPENS, Scene, actor

APPLICANT = actor("applicant-1", Role.APPLICANT, DRAW)


async def in_public(desk: Desk, scene: Scene) -> Any:
    """As who has no token reads it."""
    assert desk.client is not None
    return (await desk.client.get(f"/api/evaluation/open-draws/{scene.call_id}")).raise_for_status().json()


async def test_draw_can_be_repeated_from_the_published_values(desk: Desk) -> None:
    scene = Scene(DRAW)
    await desk.receive(scene.published())
    [committed] = await desk.events(DrawCommitted)
    assert committed.time < OPENS
    await desk.receive(*(scene.eligible(n) for n in range(1, 7)), scene.screened(1, 2, 3, 4, 5, 6))
    before = await desk.request(APPLICANT, "GET", f"/calls/{scene.call_id}/draw")
    assert (await in_public(desk, scene)) == before
    assert (before["nonce_hash"], before["nonce"], before["seed"], before["order"]) == (committed.body["nonce_hash"], None, None, [])
    assert {each["rank"] for each in (await desk.ranking(scene))["entries"]} == {None}

    approved = await desk.approve(scene)
    published = await desk.request(APPLICANT, "GET", f"/calls/{scene.call_id}/draw")
    assert (await in_public(desk, scene)) == published
    assert hashlib.sha256(bytes.fromhex(published["nonce"])).hexdigest() == committed.body["nonce_hash"]
    list_hash = hashlib.sha256(published["list_text"].encode()).digest()
    seed = hashlib.sha256(list_hash + bytes.fromhex(published["nonce"])).digest()
    names = [each["application_id"] for each in json.loads(published["list_text"])["entries"]]
    order = sorted(names, key=lambda name: hmac.new(seed, name.encode(), hashlib.sha256).hexdigest())
    assert [each["application_id"] for each in approved["entries"]] == order
    assert [each["application_id"] for each in published["order"]] == order
    assert [each["listed_as"] for each in approved["entries"]] == ["granted"] * 2 + ["reserve"] * 4

    [event] = await desk.events(RankingApproved)
    assert (event.body["nonce"], event.body["seed"], event.body["list_hash"]) == (published["nonce"], seed.hex(), list_hash.hex())
    await desk.receive(scene.appeals_over())
    assert [each.body["application_id"] for each in await desk.events(AwardGranted)] == order[:2]


async def test_each_call_has_its_own_lasting_nonce(desk: Desk) -> None:
    one, other = Scene(DRAW), Scene(DRAW)
    await desk.receive(one.published(), other.published(), one.published())
    hashes = [(UUID(event.body["call_id"]), event.body["nonce_hash"]) for event in await desk.events(DrawCommitted)]
    assert [call for call, _ in hashes] == [one.call_id, other.call_id]
    assert len({nonce for _, nonce in hashes}) == 2


async def stored_nonce(desk: Desk) -> str:
    async with desk.sessions() as session:
        return str(await session.scalar(select(col(CallRow.nonce))))


async def test_nonce_is_stored_encrypted_with_the_key(desk: Desk) -> None:
    scene = Scene(DRAW)
    await desk.receive(scene.published())
    stored = await stored_nonce(desk)
    [committed] = await desk.events(DrawCommitted)
    async with desk.sessions() as session:
        nonce = unseal(session, stored, scene.call_id)
        assert hashlib.sha256(bytes.fromhex(nonce)).hexdigest() == committed.body["nonce_hash"]
        assert nonce not in stored
        with pytest.raises(SealBroken):
            unseal(session, stored, new_id())  # the nonce of another call
    for keys in ((), (b"\x01" * 32,)):
        async with sessions_of(desk.sessions.kw["bind"], Sealer(keys))() as session:
            with pytest.raises(SealBroken):
                unseal(session, stored, scene.call_id)


async def test_nonce_in_clear_is_encrypted_when_the_worker_starts(desk: Desk) -> None:
    scene = Scene(DRAW)
    await desk.receive(scene.published(), scene.eligible(1), scene.screened(1))
    async with desk.sessions.begin() as session:
        call = await session.get_one(CallRow, scene.call_id)
        clear = call.nonce = unseal(session, str(call.nonce), call.id)
    assert [await desk.run(seal_nonces, SYSTEM), await desk.run(seal_nonces, SYSTEM)] == [1, 0]
    assert clear not in await stored_nonce(desk)
    await desk.approve(scene)
    published = await desk.request(APPLICANT, "GET", f"/calls/{scene.call_id}/draw")
    assert published["nonce"] == clear


async def test_first_come_call_has_no_draw(desk: Desk) -> None:
    scene = Scene(FIRST_COME)
    await desk.receive(scene.published())
    assert await desk.events(DrawCommitted) == []
    await desk.request(actor("applicant-1", Role.APPLICANT, FIRST_COME), "GET", f"/calls/{scene.call_id}/draw", 409)
