"""A proof of a sign-in becomes a token that every service verifies."""

import asyncio
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from services.people.tables import PersonRow, SignInRow
from shared.contracts.people import PersonRegistered, SignInsEnded
from shared.identity.actor import Role
from shared.kernel.ids import new_id
from tests.integration.people.conftest import EXCHANGE, STUDIO, Desk


async def test_first_sign_in_registers_the_person(desk: Desk) -> None:
    first, second = [desk.actor_of((await desk.sign_in("ada", locale="pl-PL"))["access_token"]) for _ in range(2)]
    assert (first.id, first.grants, first.organisation_id) == (second.id, frozenset(), None)
    [person] = await desk.rows(PersonRow)
    assert (person.name, person.email, person.email_verified, person.language) == ("ada Example", "ada@people.example", True, "pl")
    assert await desk.published() == ["PersonRegistered"]
    [event] = await desk.events(PersonRegistered)
    assert str(event.actor) == first.id
    assert "ada" not in str(event.body)


async def test_subject_of_another_spelling_is_another_person(desk: Desk) -> None:
    assert (await desk.person("ada")).id != (await desk.person("Ada")).id


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"iss": "https://another.example"}, "unknown-provider"),
    ({"aud": "another-client"}, "wrong-audience"),
    ({"aud": ["portal", "another"]}, "wrong-audience"),
    ({"auth_time": None}, "no-proof-of-sign-in"),
    ({"auth_time": True}, "no-proof-of-sign-in"),
    ({"sub": ""}, "no-proof-of-sign-in"),
    ({"exp": 1}, "sign-in-too-old"),
    ({"iat": 1}, "sign-in-too-old"),
    ({"auth_time": 1}, "sign-in-too-old"),
]


@pytest.mark.parametrize(("claims", "code"), WRONG)
async def test_token_that_proves_no_sign_in_is_refused(desk: Desk, claims: dict[str, Any], code: str) -> None:
    answer = await desk.token(400, **EXCHANGE, subject_token=desk.id_token("ada", **claims))
    assert (answer["error"], answer["code"]) == ("invalid_grant", code)
    assert await desk.rows(PersonRow) == []


async def test_token_of_a_foreign_key_is_refused(desk: Desk) -> None:
    desk.provider.key.ensure_kid()
    desk.provider.key = ECKey.generate_key("P-256", {"kid": desk.provider.key.kid})
    assert (await desk.token(400, **EXCHANGE, subject_token=desk.id_token("ada")))["code"] == "bad-signature"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password", "username": "ada", "password": "x"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "unknown"}, "invalid_grant"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, "invalid_grant"),
        ({**EXCHANGE, "subject_token": "no-token"}, "invalid_grant"),
        ({**EXCHANGE, "subject_token_type": "urn:other", "subject_token": "x"}, "invalid_request"),
    ],
)
async def test_other_requests_are_refused_as_oauth_says(desk: Desk, form: dict[str, str], error: str) -> None:
    assert (await desk.token(400, **form))["error"] == error


async def test_parameter_that_is_given_twice_is_refused(desk: Desk) -> None:
    answer = await desk.client.post("/api/people/token", content="grant_type=refresh_token&grant_type=refresh_token")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_sign_in_is_renewed_until_its_end(desk: Desk) -> None:
    secret = (await desk.sign_in("ada"))["refresh_token"]
    assert (await desk.token(grant_type="refresh_token", refresh_token=secret))["expires_in"] == 900
    desk.now += 12 * 3600 - 1
    await desk.token(grant_type="refresh_token", refresh_token=secret)
    desk.now += 2
    assert (await desk.token(400, grant_type="refresh_token", refresh_token=secret))["code"] == "signed-out"


async def test_token_is_for_the_agency_or_for_one_organisation(desk: Desk) -> None:
    boss = await desk.administrator("ada")
    organisation = await desk.request(boss, "POST", "/organisations", 201, json=STUDIO)
    assert (await desk.person("ada")).roles == {Role.ADMINISTRATOR}
    applicant = await desk.person("ada", organisation=organisation["id"])
    assert (applicant.roles, str(applicant.organisation_id)) == ({Role.APPLICANT}, organisation["id"])
    stranger = desk.id_token("berta")
    assert (await desk.token(400, **EXCHANGE, subject_token=stranger, organisation=organisation["id"]))["code"] == "not-a-member"


async def test_signing_out_of_one_session_keeps_the_other(desk: Desk) -> None:
    here, there = [await desk.sign_in("ada") for _ in range(2)]
    sessions = await desk.ask(here["access_token"], "GET", "/me/sign-ins")
    assert len(sessions) == 2
    ada = desk.actor_of(here["access_token"])
    newest = max(await desk.rows(SignInRow), key=lambda row: row.id)
    await desk.request(ada, "POST", f"/me/sign-ins/{newest.id}/end")
    await desk.token(400, grant_type="refresh_token", refresh_token=there["refresh_token"])
    await desk.token(grant_type="refresh_token", refresh_token=here["refresh_token"])
    listed = (await desk.client.get("/api/people/revocations")).json()
    assert list(listed["sign_ins"]) == [str(newest.id)]


async def test_signing_out_everywhere_voids_every_sign_in(desk: Desk) -> None:
    tokens = [await desk.sign_in("ada") for _ in range(2)]
    ada = desk.actor_of(tokens[0]["access_token"])
    old = desk.id_token("ada")
    assert await desk.request(ada, "POST", "/me/sign-ins/end", json={"reason": "device-lost"}) == []
    for token in tokens:
        await desk.token(400, grant_type="refresh_token", refresh_token=token["refresh_token"])
    assert (await desk.token(400, **EXCHANGE, subject_token=old))["code"] == "sign-in-too-old"
    assert ada.id in (await desk.client.get("/api/people/revocations")).json()["persons"]
    [event] = await desk.events(SignInsEnded)
    assert (event.body["sign_ins"], event.reason) == (2, "device-lost")
    desk.now += 2
    await desk.sign_in("ada")


async def test_sign_in_just_after_signing_out_has_valid_tokens(desk: Desk) -> None:
    """A provider says the instant with fractions, a token in whole seconds."""
    ada = desk.actor_of((await desk.sign_in("ada"))["access_token"])
    await desk.request(ada, "POST", "/me/sign-ins/end", json={"reason": "device-lost"})
    void_until = (await desk.client.get("/api/people/revocations")).json()["persons"][ada.id]
    desk.now = void_until + 0.02
    before = desk.id_token("ada", auth_time=void_until - 0.02)
    assert (await desk.token(400, **EXCHANGE, subject_token=before))["code"] == "sign-in-too-old"
    token = (await desk.sign_in("ada", auth_time=void_until + 0.02))["access_token"]
    assert jwt.decode(token, desk.app.state.signer._key).claims["auth_time"] >= void_until


async def test_proof_opens_one_sign_in(desk: Desk) -> None:
    """Also after that one was ended, and with another signature of the same claims."""
    proof = desk.id_token("ada")
    first = await desk.token(**EXCHANGE, subject_token=proof)
    again = desk.signed(dict(jwt.decode(proof, desk.provider.key).claims))
    assert (again != proof, again.rpartition(".")[0]) == (True, proof.rpartition(".")[0])
    await desk.request(desk.actor_of(first["access_token"]), "POST", f"/me/sign-ins/{(await desk.rows(SignInRow))[0].id}/end")
    for replayed in (proof, again):
        assert (await desk.token(400, **EXCHANGE, subject_token=replayed))["code"] == "sign-in-used"
    assert len(await desk.rows(SignInRow)) == 1


async def test_proof_at_the_same_moment_opens_one_sign_in(desk: Desk) -> None:
    proof = desk.id_token("ada")
    answers = await asyncio.gather(*(desk.client.post("/api/people/token", data={**EXCHANGE, "subject_token": proof}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    assert len(await desk.rows(SignInRow)) == 1


async def test_proof_of_a_refused_sign_in_is_not_used_up(desk: Desk) -> None:
    proof = desk.id_token("ada")
    assert (await desk.token(400, **EXCHANGE, subject_token=proof, organisation=str(new_id())))["code"] == "not-a-member"
    await desk.token(**EXCHANGE, subject_token=proof)


async def test_session_of_another_person_cannot_be_ended(desk: Desk) -> None:
    await desk.sign_in("ada")
    [session] = await desk.rows(SignInRow)
    await desk.request(await desk.person("berta"), "POST", f"/me/sign-ins/{session.id}/end", 404)


async def test_keys_are_public_halves(desk: Desk) -> None:
    [key] = (await desk.client.get("/api/people/keys")).json()["keys"]
    assert {"kty", "crv", "x", "y", "kid"} <= set(key)
    assert "d" not in key
