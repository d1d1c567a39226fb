"""A command line signs in at `people` as the portal does, with a client of its own, and ends its sign-in."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from operations.client import Person, Problem
from operations.installations import people
from operations.installations.api import Door, SignedInApi, roles_in
from operations.installations.profiles import Installation, Machine
from operations.installations.provider import SignInEnded, SignInFailed
from services.people.providers import Providers
from shared.identity.actor import Role
from tests.integration.people.conftest import REGION, Desk
from tests.support.identity import NAME

COMMANDS, WHO = "command-line", Person("who-is-signed-in")


class InLoop(httpx.BaseTransport):
    """Requests of another thread, answered by the desk's app in the loop of the test."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._loop = desk, asyncio.get_running_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result(20)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        headers = {name: value for name, value in request.headers.items() if name != "content-length"}
        answer = await self._desk.client.request(request.method, request.url.path, content=request.read(), headers=headers)
        return httpx.Response(answer.status_code, headers={"content-type": "application/json"}, content=answer.content)


def door_of(desk: Desk) -> Door:
    return Door("https://grants.example", InLoop(desk))


async def entered(desk: Desk, subject: str, client: str = COMMANDS) -> Installation:
    return await asyncio.to_thread(door_of(desk).enter, "grants", NAME, desk.id_token(subject, aud=client))


async def api_of(desk: Desk, installation: Installation) -> SignedInApi:
    api = SignedInApi(installation, timedelta(0))
    await api._http.aclose()
    api._http = desk.client
    return api


@pytest.fixture(autouse=True)
def commands_sign_in(desk: Desk) -> None:
    desk.app.state.providers = Providers([desk.known.model_copy(update={"command_line": COMMANDS})], lambda: desk.now)


async def test_person_signs_in_acts_and_signs_out(desk: Desk) -> None:
    door = door_of(desk)
    [place] = await asyncio.to_thread(door.places)
    assert (place.issuer, place.client) == (NAME, COMMANDS)
    _, two = await desk.administrator("one"), await desk.administrator("two")
    ada, installation, second = await desk.person("ada"), await entered(desk, "one"), await entered(desk, "two")
    assert roles_in(await asyncio.to_thread(door.token, installation)) == {REGION: ["administrator"]}
    api, other = await api_of(desk, installation), await api_of(desk, second)
    body = people.wanted(Role.OFFICER, REGION, None, None, lambda _: pytest.fail("no day is given"))
    proposed = await people.propose(api, WHO, "ada@people.example", body)
    with pytest.raises(Problem, match="403"):
        await people.confirm(api, WHO, proposed["id"])
    assert (await people.confirm(other, WHO, proposed["id"]))["person_id"] == ada.id
    waiting = await people.invite(api, WHO, "new@people.example", body)
    roles, invited = await people.list_roles(other, WHO, REGION)
    assert (proposed["id"] in {one["id"] for one in roles}, [one["id"] for one in invited]) == (True, [waiting["id"]])
    assert [(await people.end(api, WHO, identity))["state"] for identity in (proposed["id"], waiting["id"])] == ["ended", "withdrawn"]
    for nobody in ("nobody@people.example", "no-id"):
        with pytest.raises(Problem, match="404"):
            await people.propose(api, WHO, nobody, body)
    applicant = await api_of(desk, await entered(desk, "ada"))
    with pytest.raises(Problem, match="403"):
        await people.propose(applicant, WHO, two.id, body)
    await asyncio.to_thread(door.leave, installation)
    with pytest.raises(SignInEnded):
        await asyncio.to_thread(door.token, installation)


async def test_sign_in_is_stale_when_its_time_at_the_provider_is(desk: Desk) -> None:
    """The device flow may find a browser that was signed in before: what needs a fresh sign-in is refused, and says so."""
    await desk.administrator("one")
    at = int(desk.now) - 3600
    installation = await asyncio.to_thread(door_of(desk).enter, "grants", NAME, desk.id_token("one", aud=COMMANDS, auth_time=at))
    api = await api_of(desk, installation)
    with pytest.raises(Problem, match="fresh-sign-in-needed"):
        await people.confirm(api, WHO, UUID(int=1))


async def test_service_account_has_its_own_roles(desk: Desk) -> None:
    one, two, three = [await desk.administrator(name) for name in ("one", "two", "three")]
    machine = await desk.request(one, "POST", "/machines", 201, json={"name": "Accounting"})
    await desk.given(two, three, machine["id"], Role.AUDITOR)
    door = door_of(desk)
    kept = Machine(client=machine["id"], secret=SecretStr(machine["secret"]))
    installation = await asyncio.to_thread(door.enter_as_machine, "books", kept)
    assert roles_in(await asyncio.to_thread(door.token, installation)) == {REGION: ["auditor"]}
    await asyncio.to_thread(door.leave, installation)
    with pytest.raises(SignInEnded):
        await asyncio.to_thread(door.enter_as_machine, "books", Machine(client=machine["id"], secret=SecretStr("of-another")))


@pytest.mark.parametrize("client", ["another", ""])
async def test_proof_for_another_client_counts_nowhere(desk: Desk, client: str) -> None:
    with pytest.raises(SignInFailed, match="wrong-audience"):
        await entered(desk, "ada", client)


async def test_installation_without_a_client_for_commands(desk: Desk) -> None:
    desk.app.state.providers = Providers([desk.known], lambda: desk.now)
    with pytest.raises(SignInFailed, match="TRIPTYCH_PROVIDERS"):
        await asyncio.to_thread(door_of(desk).places)
    with pytest.raises(SignInFailed, match="wrong-audience"):
        await entered(desk, "ada")
