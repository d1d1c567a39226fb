"""How long a token lasts, how it is revoked, when a fresh sign-in is needed, and by what name a person is known."""

import time
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from services.applications.app import SERVICE as APPLICATIONS
from services.evaluation.app import SERVICE as EVALUATION
from services.payments.app import SERVICE as PAYMENTS
from services.vouchers.app import SERVICE as VOUCHERS
from shared.identity import published
from shared.identity.actor import Actor, Role, grants, pseudonym
from shared.identity.permissions import FRESH, FRESH_SECONDS, ROLES, FreshSignInNeeded, Permission, authorise
from shared.identity.revocations import MAX_AGE_SECONDS, MAX_STALE_SECONDS, Revocations
from shared.identity.tokens import AGENCY_LIFETIME_SECONDS, APPLICANT_LIFETIME_SECONDS, TokenVerifier
from shared.kernel.clock import ProgrammeClock
from shared.kernel.errors import Unauthenticated, Unavailable
from shared.policy.resolver import PolicyBook
from tests.support.desk import client_of
from tests.support.identity import KEY, Issuer, serving
from tests.support.routes import fresh_routes

HERE, THERE = "gr-central-macedonia", "hr-koprivnica"
NOW = time.time()
APPLICANT = Actor("a-1", grants({Role.APPLICANT}, {HERE}), UUID(int=1))
OFFICER = Actor("o-1", grants({Role.OFFICER}, {HERE}))

FRESH_ROUTES = {
    ("PUT", "/api/payments/provider-registrations/{provider_id}/account"),
    ("POST", "/api/applications/erasures"),
    ("POST", "/api/applications/erasures/{erasure_id}/confirmation"),
    ("POST", "/api/evaluation/appeals/{appeal_id}/decision"),
    ("POST", "/api/evaluation/calls/{call_id}/ranking/approval"),
    ("POST", "/api/payments/bank-files/preview"),
    ("POST", "/api/payments/bank-files/{sha256}/decision"),
    ("POST", "/api/payments/bank-uploads"),
    ("POST", "/api/payments/bank-uploads/{upload_id}/confirmation"),
    ("POST", "/api/payments/bank-uploads/{upload_id}/rejection"),
    ("POST", "/api/payments/bank-lines/{line_id}/proposals"),
    ("POST", "/api/payments/bank-lines/{line_id}/resolution"),
    ("POST", "/api/vouchers/capacity-changes/{change_id}/decision"),
    ("POST", "/api/payments/batches"),
    ("POST", "/api/payments/batches/{batch_id}/release"),
    ("POST", "/api/payments/disbursements/{disbursement_id}/approval"),
    ("POST", "/api/payments/disbursements/{disbursement_id}/outcome-proofs"),
    ("POST", "/api/payments/disbursements/{disbursement_id}/rejection-confirmation"),
    ("POST", "/api/payments/disbursements/approvals"),
    ("POST", "/api/payments/envelope-changes/{change_id}/confirmation"),
    ("POST", "/api/payments/envelope-changes/{change_id}/rejection"),
    ("POST", "/api/payments/envelopes/{call_id}/changes"),
    ("POST", "/api/payments/line-proposals/{proposal_id}/confirmation"),
    ("POST", "/api/payments/line-proposals/{proposal_id}/rejection"),
    ("POST", "/api/payments/outcome-proofs/{proof_id}/confirmation"),
    ("POST", "/api/payments/outcome-proofs/{proof_id}/rejection"),
    ("POST", "/api/payments/outcome-proofs/{proof_id}/undoing"),
    ("POST", "/api/payments/accounts/proposals/{proposal_id}/confirmation"),
    ("POST", "/api/payments/accounts/proposals/{proposal_id}/rejection"),
    ("POST", "/api/payments/payees"),
    ("POST", "/api/payments/providers"),
    ("PUT", "/api/payments/providers/{payee_id}/account"),
    ("PUT", "/api/payments/payees/{payee_id}/account"),
    ("POST", "/api/payments/recoveries/{recovery_id}/settlement"),
    ("POST", "/api/payments/recoveries/{recovery_id}/write-off"),
    ("POST", "/api/vouchers/vouchers/{voucher_id}/acceptance"),
}


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving() as issuer:
        yield issuer


async def refusal(verifier: TokenVerifier, token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await verifier.verify(token)
    return caught.value.code


@pytest.mark.parametrize("role", [*sorted(set(Role) - {Role.APPLICANT}), None])
async def test_token_of_the_agency_lasts_an_hour(issuer: Issuer, role: Role | None) -> None:
    """Also in several regions, and one without any role that we know."""
    for regions in ({HERE}, {HERE, THERE}):
        actor = Actor("x", grants({role}, regions) if role else frozenset())
        whole = issuer.mint(actor, iat=int(NOW), exp=int(NOW) + AGENCY_LIFETIME_SECONDS)
        assert (await issuer.verifier().verify(whole)).id == "x"
        longer = issuer.mint(actor, iat=int(NOW), exp=int(NOW) + AGENCY_LIFETIME_SECONDS + 1)
        assert await refusal(issuer.verifier(), longer) == "token-lifetime-too-long"


async def test_token_of_an_applicant_lasts_twelve_hours(issuer: Issuer) -> None:
    whole = issuer.mint(APPLICANT, iat=int(NOW), exp=int(NOW) + APPLICANT_LIFETIME_SECONDS)
    assert await issuer.verifier().verify(whole) == APPLICANT
    longer = issuer.mint(APPLICANT, iat=int(NOW), exp=int(NOW) + APPLICANT_LIFETIME_SECONDS + 1)
    assert await refusal(issuer.verifier(), longer) == "token-lifetime-too-long"


def revocations_of(verifier: TokenVerifier, issuer: Issuer, monkeypatch: pytest.MonkeyPatch, times: list[float]) -> None:
    monkeypatch.setattr(verifier, "_revocations", Revocations(issuer.revocations_url, lambda: times[0]))


async def test_revoked_token_is_refused_within_a_minute(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    verifier, times = issuer.verifier(), [1000.0]
    revocations_of(verifier, issuer, monkeypatch, times)
    token, other = issuer.mint(OFFICER, jti="stolen"), issuer.mint(OFFICER, jti="mine")
    await verifier.verify(token)
    issuer.revocations = {"tokens": {"stolen": NOW}, "persons": {}}
    times[0] += MAX_AGE_SECONDS + published.MIN_INTERVAL_SECONDS
    assert MAX_AGE_SECONDS + published.MIN_INTERVAL_SECONDS + published.TIMEOUT_SECONDS <= 60
    assert await refusal(verifier, token) == "revoked-token"
    await verifier.verify(other)


async def test_revoked_person_has_to_sign_in_again(issuer: Issuer) -> None:
    """Tokens that were renewed since, without a new sign-in, are void too; another person's are not."""
    issuer.revocations = {"tokens": {}, "persons": {"o-1": NOW - 100, pseudonym(KEY, "m@agency.test"): NOW - 100}}
    verifier = issuer.verifier()
    assert await refusal(verifier, issuer.mint(OFFICER, auth_time=NOW - 101)) == "revoked-token"
    assert await refusal(verifier, issuer.mint(replace(OFFICER, id="M@agency.test"), auth_time=NOW - 101)) == "revoked-token"
    assert await verifier.verify(issuer.mint(OFFICER, auth_time=NOW - 100)) == OFFICER
    await verifier.verify(issuer.mint(replace(OFFICER, id="o-2"), auth_time=NOW - 101))


@pytest.mark.parametrize("answer", [None, [], {"tokens": {}}, {"tokens": [], "persons": {}}, {"tokens": {"a": "b"}, "persons": {}}])
async def test_unreadable_list_stops_the_agency_only(issuer: Issuer, monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    """And the last list that could be read stays in force for all."""
    verifier, times = issuer.verifier(), [1000.0]
    revocations_of(verifier, issuer, monkeypatch, times)
    issuer.revocations = {"tokens": {"stolen": NOW}, "persons": {}}
    await verifier.verify(issuer.mint(OFFICER))
    issuer.revocations = answer
    times[0] += MAX_STALE_SECONDS
    await verifier.verify(issuer.mint(OFFICER))
    times[0] += 1
    with pytest.raises(Unavailable):
        await verifier.verify(issuer.mint(OFFICER))
    assert await verifier.verify(issuer.mint(APPLICANT)) == APPLICANT
    assert await refusal(verifier, issuer.mint(APPLICANT, jti="stolen")) == "revoked-token"


async def test_issuer_that_hangs_does_not_hold_up_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait for an answer is no part of the pause between two attempts."""
    times, attempts = [1000.0], []
    known = published.Published("http://127.0.0.1:1", lambda value: value, lambda: times[0])

    async def hang() -> None:
        attempts.append(times[0])
        times[0] += published.TIMEOUT_SECONDS

    monkeypatch.setattr(known, "_read", hang)
    for pause in (0.0, published.MIN_INTERVAL_SECONDS - 0.1, 0.2):
        times[0] += pause
        await known.refresh_unless(lambda: False)
    assert len(attempts) == 2
    assert attempts[1] - attempts[0] >= published.TIMEOUT_SECONDS + published.MIN_INTERVAL_SECONDS


async def test_list_too_large_to_be_read_is_no_list(issuer: Issuer) -> None:
    issuer.revocations = {"tokens": {"x" * published.MAX_BYTES: 1}, "persons": {}}
    with pytest.raises(Unavailable):
        await issuer.verifier().verify(issuer.mint(OFFICER))


def test_routes_that_need_a_fresh_sign_in_are_these() -> None:
    verifier = TokenVerifier("http://127.0.0.1:1", "http://127.0.0.1:1", "x", "x", b"")
    apps = [
        service.assemble(verifier, None, ProgrammeClock(), PolicyBook([]))  # type: ignore[arg-type]
        for service in (APPLICATIONS, EVALUATION, PAYMENTS, VOUCHERS)
    ]
    assert set().union(*(fresh_routes(app) for app in apps)) == FRESH_ROUTES


@pytest.mark.parametrize("permission", sorted(FRESH))
def test_permission_is_refused_after_an_old_sign_in(permission: Permission) -> None:
    """Whatever the route's own permission is: a step of the policy's approvals is checked by the command alone."""
    for role in ROLES[permission] - {Role.APPLICANT}:
        actor = Actor("x", grants({role}, {HERE}))
        with pytest.raises(FreshSignInNeeded):
            authorise(actor, permission, region=HERE)
        authorise(replace(actor, fresh=True), permission, region=HERE)


async def test_sign_in_is_fresh_for_a_quarter_of_an_hour(issuer: Issuer) -> None:
    verifier = TokenVerifier(issuer.url, issuer.revocations_url, "https://issuer.test", "triptych-test", KEY, now=lambda: NOW)
    valid = {"iat": NOW, "exp": NOW + 600}
    assert (await verifier.verify(issuer.mint(OFFICER, **valid, auth_time=NOW - FRESH_SECONDS))).fresh
    token = issuer.mint(OFFICER, **valid, auth_time=NOW - FRESH_SECONDS - 1)
    assert not (await verifier.verify(token)).fresh
    assert not (await verifier.verify(token)).fresh


async def test_refusal_asks_for_a_new_sign_in(issuer: Issuer) -> None:
    """RFC 9470, section 3."""
    app = EVALUATION.assemble(issuer.verifier(), None, ProgrammeClock(), PolicyBook([]))  # type: ignore[arg-type]
    path = "/api/evaluation/calls/00000000-0000-0000-0000-000000000001/ranking/approval"
    async with client_of(app) as client:
        answer = await _approve(client, path, issuer.mint(OFFICER, auth_time=NOW - 3600))
        assert answer.headers["www-authenticate"] == (
            'Bearer error="insufficient_user_authentication", error_description="More recent authentication is required", max_age="900"'
        )
        assert (answer.status_code, answer.json()["code"], answer.json()["facts"]) == (401, "fresh-sign-in-needed", {"minutes": 15})
        answer = await _approve(client, path, "x")
        assert answer.headers["www-authenticate"] == "Bearer"


async def _approve(client: httpx.AsyncClient, path: str, token: str) -> httpx.Response:
    return await client.post(path, headers={"Authorization": f"Bearer {token}"}, json={"list_hash": "0" * 64})


async def test_person_with_an_address_gets_a_lasting_pseudonym(issuer: Issuer) -> None:
    verifier = issuer.verifier()
    actor = await verifier.verify(issuer.mint(replace(OFFICER, id="m.k@agency.test")))
    assert actor.id == pseudonym(KEY, "M.K@agency.test") == "person-06608c506fd4ec7b1ee47f3aec6e335e"
    assert pseudonym(b"another key", "m.k@agency.test") != actor.id
    named = issuer.mint(replace(OFFICER, id="m.k@agency.test"), person="p-7")
    assert (await verifier.verify(named)).id == "p-7"


async def test_known_token_still_ends_ages_and_is_not_from_the_future(issuer: Issuer) -> None:
    """What was verified once is kept, and none of this with it."""
    times = [NOW]
    verifier = TokenVerifier(issuer.url, issuer.revocations_url, "https://issuer.test", "triptych-test", KEY, now=lambda: times[0])
    token = issuer.mint(APPLICANT, iat=NOW, exp=NOW + 2 * FRESH_SECONDS, auth_time=NOW)
    assert (await verifier.verify(token)).fresh
    times[0] += FRESH_SECONDS + 1
    assert not (await verifier.verify(token)).fresh
    times[0] = NOW - 3600
    assert await refusal(verifier, token) == "not-yet-valid"
    times[0] = NOW + AGENCY_LIFETIME_SECONDS * 24
    assert await refusal(verifier, token) == "expired-token"
