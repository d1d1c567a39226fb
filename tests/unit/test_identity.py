"""Tokens, keys, permissions and separation of duties. The JWKS address is a real HTTP server."""

import base64
import hmac
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from structlog.testing import capture_logs

from shared.identity import keys, published
from shared.identity.actor import OPERATOR, SYSTEM, Actor, Role, grants, pseudonym
from shared.identity.keys import KeyStore
from shared.identity.permissions import ROLES, WITHOUT_ROLE, OwnedBy, Owner, Permission, Unowned, authorise, owned_by, visible_regions
from shared.identity.separation import require_distinct
from shared.identity.tokens import TokenVerifier, actor_of
from shared.kernel.errors import Forbidden, Unauthenticated, Unavailable
from shared.policy.call import LARGEST_ENVELOPE_MINOR
from shared.policy.loader import load_book
from tests.support.identity import AUDIENCE, KEY, NAME, Issuer, serving

ROOT = Path(__file__).resolve().parents[2]
HERE, THERE = "gr-central-macedonia", "hr-koprivnica"
STUDIO, OTHER = UUID(int=1), UUID(int=2)
APPLICANT = Actor("a-1", grants({Role.APPLICANT}, {HERE}), STUDIO)
OFFICER = Actor("o-1", grants({Role.OFFICER}, {HERE}))


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving() as issuer:
        yield issuer


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


async def refusal(verifier: TokenVerifier, token: str | None) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await verifier.verify(token)
    return caught.value.code


async def test_valid_token_gives_the_actor(issuer: Issuer) -> None:
    assert await issuer.verifier().verify(issuer.mint(APPLICANT)) == APPLICANT
    assert await issuer.verifier().verify(issuer.mint(OFFICER, aud=["another", "triptych-test"])) == OFFICER


@pytest.mark.parametrize(
    ("alg", "key"),
    [("EdDSA", OKPKey.generate_key("Ed25519")), ("Ed25519", OKPKey.generate_key("Ed25519")), ("RS256", RSAKey.generate_key(2048))],
)
async def test_other_asymmetric_algorithms_are_accepted(issuer: Issuer, alg: str, key: Key) -> None:
    issuer.rotate(key)
    assert await issuer.verifier().verify(issuer.mint(OFFICER, alg=alg)) == OFFICER


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": int(time.time()) - 60}, "expired-token"),
        ({"exp": None}, "malformed-token"),
        ({"exp": "tomorrow"}, "malformed-token"),
        ({"iat": None}, "malformed-token"),
        ({"iat": int(time.time()) + 86_400}, "not-yet-valid"),
        ({"nbf": int(time.time()) + 86_400}, "not-yet-valid"),
        ({"iss": "https://elsewhere.test"}, "wrong-issuer"),
        ({"iss": None}, "wrong-issuer"),
        ({"aud": "another"}, "wrong-audience"),
        ({"aud": None}, "wrong-audience"),
        ({"sub": ""}, "malformed-token"),
        ({"sub": "line\nbreak"}, "malformed-token"),
        ({"roles": ["officer"]}, "malformed-token"),
        ({"person": ""}, "malformed-token"),
        ({"sub": SYSTEM.id}, "reserved-name"),
        ({"person": SYSTEM.id}, "reserved-name"),
        ({"person": OPERATOR.id}, "reserved-name"),
        ({"person": pseudonym(b"", "somebody@else.example")}, "reserved-name"),
        ({"organisation": "not-a-uuid"}, "malformed-token"),
        ({"organisation": 7}, "malformed-token"),
    ],
)
async def test_wrong_claim_is_refused(issuer: Issuer, claims: dict[str, Any], code: str) -> None:
    assert await refusal(issuer.verifier(), issuer.mint(APPLICANT, **claims)) == code


async def test_small_clock_difference_is_accepted(issuer: Issuer) -> None:
    await issuer.verifier().verify(issuer.mint(OFFICER, exp=int(time.time()) - 10, nbf=int(time.time()) + 10))


@pytest.mark.parametrize("token", ["x", "a.b.c", "...", "é.é.é", "e30.e30.e30", "a" * 9000, "W10.e30.", "bnVsbA.e30."])
async def test_text_that_is_no_token_is_malformed(issuer: Issuer, token: str) -> None:
    assert await refusal(issuer.verifier(), token) == "malformed-token"
    assert issuer.reads == 0, "rubbish must not make us ask the issuer"


async def test_missing_token_has_its_own_code(issuer: Issuer) -> None:
    assert await refusal(issuer.verifier(), None) == "missing-token"
    assert await refusal(issuer.verifier(), "") == "missing-token"


async def test_altered_token_is_refused(issuer: Issuer) -> None:
    header, _, signature = issuer.mint(APPLICANT).split(".")
    _, content, _ = issuer.mint(OFFICER).split(".")
    assert await refusal(issuer.verifier(), f"{header}.{content}.{signature}") == "bad-signature"
    assert await refusal(issuer.verifier(), f"{header}.{content}.") == "bad-signature"


async def test_unsigned_or_hmac_token_is_refused(issuer: Issuer) -> None:
    _, content, _ = issuer.mint(OFFICER).split(".")
    unsigned = encoded(json.dumps({"alg": "none", "kid": issuer.key.kid}).encode())
    assert await refusal(issuer.verifier(), f"{unsigned}.{content}.") == "bad-signature"
    # the classic: the public key, which anyone can read, taken as the secret of an HMAC
    header = encoded(json.dumps({"alg": "HS256", "kid": issuer.key.kid}).encode())
    mac = hmac.digest(ECKey.import_key(issuer.key.as_dict(private=False)).as_pem(private=False), f"{header}.{content}".encode(), "sha256")
    assert await refusal(issuer.verifier(), f"{header}.{content}.{encoded(mac)}") == "bad-signature"
    assert issuer.reads == 0, "no key can make them good"


async def test_key_of_another_kind_or_use_does_not_verify(issuer: Issuer) -> None:
    issuer.rotate(ECKey.generate_key("P-256", {"kid": "k"}))
    issuer.published = [RSAKey.generate_key(2048, {"kid": "k"})]
    assert await refusal(issuer.verifier(), issuer.mint(OFFICER)) == "bad-signature"
    issuer.published = [ECKey.import_key(issuer.key.as_dict(private=False), {"kid": "k", "use": "enc"})]
    with pytest.raises(Unavailable):  # no key for signatures is published, of which no token is guilty
        await issuer.verifier().verify(issuer.mint(OFFICER))


GOOD = {**ECKey.generate_key("P-256").as_dict(private=False), "kid": "good", "use": "sig"}


@pytest.mark.parametrize(
    ("foreign", "reason"),
    [
        ({**RSAKey.generate_key(2048).as_dict(private=False), "kid": "x", "use": "enc", "alg": "RSA-OAEP"}, "use is enc"),  # Keycloak
        ({**GOOD, "kid": "good", "use": "enc"}, "use is enc"),  # the same id twice
        ({**GOOD, "kid": "x", "use": "tls"}, "use is tls"),
        ({**GOOD, "kid": "x", "use": None}, "use is None"),
        ({**GOOD, "kid": "x", "use": "sig", "key_ops": ["encrypt"]}, "key_ops are ['encrypt']"),
        ({"kty": "AKP", "alg": "ML-DSA-65", "pub": "AAAA", "kid": "x"}, "Invalid key type"),
        ({"kty": "oct", "k": "c2VjcmV0", "kid": "x"}, "a shared secret"),
        ({"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA", "kid": "x"}, ""),
        ({"kty": "EC", "kid": "x"}, "required"),
        ("text", "has no attribute"),
        (None, "has no attribute"),
    ],
)
def test_keys_that_are_not_for_signatures_are_skipped(foreign: Any, reason: str) -> None:
    """Providers publish them in the same set; joserfc 1.8 reads none of a set that has one of another use."""
    for document in ([foreign, GOOD], [GOOD, foreign]):
        with capture_logs() as logs:
            found = keys.signing_keys({"keys": document})
        assert [key.as_dict() for key in found] == [GOOD]
        assert found.get_by_kid(None) is found.get_by_kid("good")
        [skipped] = logs
        assert reason in next(iter(skipped["skipped"].values()))
    with pytest.raises(ValueError, match="no key for signatures"):
        keys.signing_keys({"keys": [foreign]})


@pytest.mark.parametrize("header", [{"x-provider": "a", "ver": 2}, {"x5c": ["A" * 3_000]}, {"nonce": None}])
async def test_private_header_parameters_are_ignored(issuer: Issuer, header: dict[str, Any]) -> None:
    """RFC 7515, 4: what is not understood is ignored. joserfc 1.8 refuses it, and a header of more than 512 bytes."""
    assert await issuer.verifier().verify(issuer.mint(OFFICER, header=header)) == OFFICER
    assert await refusal(issuer.verifier(), issuer.mint(OFFICER, header={"crit": list(header), **header})) == "malformed-token"


async def test_foreign_key_with_a_known_id_is_refused(issuer: Issuer) -> None:
    issuer.rotate(ECKey.generate_key("P-256", {"kid": "k"}))
    forger = ECKey.generate_key("P-256", {"kid": "k"})
    assert await refusal(issuer.verifier(), issuer.mint(OFFICER, key=forger)) == "bad-signature"


async def test_unknown_key_id_reads_the_keys_again(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """But at most once in an interval, however many tokens name unknown keys."""
    now = 1000.0
    verifier = issuer.verifier()
    monkeypatch.setattr(verifier, "_keys", KeyStore(issuer.url, lambda: now))
    for _ in range(3):
        await verifier.verify(issuer.mint(OFFICER))
    assert issuer.reads == 1
    issuer.rotate()
    assert await refusal(verifier, issuer.mint(OFFICER)) == "unknown-key"
    assert issuer.reads == 1
    now += published.MIN_INTERVAL_SECONDS
    assert await verifier.verify(issuer.mint(OFFICER)) == OFFICER
    for _ in range(5):
        assert await refusal(verifier, issuer.mint(OFFICER, key=ECKey.generate_key("P-256"))) == "unknown-key"
    assert issuer.reads == 2


async def test_removed_key_stops_working(issuer: Issuer) -> None:
    now = 1000.0
    store = KeyStore(issuer.url, lambda: now)
    old = issuer.key.thumbprint()
    await store.find(old)
    issuer.rotate()
    await store.find(old)
    now += keys.MAX_AGE_SECONDS + 1
    with pytest.raises(Unauthenticated):
        await store.find(old)


@pytest.mark.parametrize(
    "answer", [(500, b""), (200, b"<html>"), (200, b"[]"), (200, b'{"keys": []}'), (200, b'{"keys": [{"kty": "EC"}]}')]
)
async def test_unreadable_keys_are_503_not_401(issuer: Issuer, answer: tuple[int, bytes]) -> None:
    now = 1000.0
    store = KeyStore(issuer.url, lambda: now)
    known = issuer.key.thumbprint()
    await store.find(known)
    issuer.answer = answer
    now += published.MIN_INTERVAL_SECONDS
    with pytest.raises(Unavailable):
        await store.find("a-new-one")
    now += keys.MAX_AGE_SECONDS
    await store.find(known)
    now += keys.MAX_STALE_SECONDS
    with pytest.raises(Unavailable):
        await store.find(known)


async def test_issuer_down_at_first_use_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await KeyStore("http://127.0.0.1:1/jwks.json").find("any")


async def test_keys_are_read_from_a_file(issuer: Issuer, tmp_path: Path) -> None:
    """So nobody can take the port of the keys first."""
    file = tmp_path / "the keys.json"
    file.write_bytes(issuer.document("/jwks.json")[1])
    assert await TokenVerifier(file.as_uri(), issuer.revocations_url, NAME, AUDIENCE, KEY).verify(issuer.mint(OFFICER)) == OFFICER
    with pytest.raises(Unavailable):
        await KeyStore((tmp_path / "missing.json").as_uri()).find("any")


async def test_overlong_key_set_is_not_read(issuer: Issuer, tmp_path: Path) -> None:
    padded = issuer.document("/jwks.json")[1] + b" " * published.MAX_BYTES
    issuer.answer, file = (200, padded), tmp_path / "jwks.json"
    file.write_bytes(padded)
    for url in (issuer.url, file.as_uri()):
        with pytest.raises(Unavailable):
            await KeyStore(url).find(issuer.key.kid)


def test_unknown_roles_are_ignored() -> None:
    assert actor_of({"sub": "x", "roles": {HERE: ["admin", "officer"]}}).roles == {Role.OFFICER}


def code_of(actor: Actor, permission: Permission, region: str, owner: Owner | UUID = Unowned.NO_APPLICANT) -> str | None:
    try:
        authorise(replace(actor, fresh=True), permission, region=region, owner=OwnedBy(owner) if isinstance(owner, UUID) else owner)
    except Forbidden as error:
        return error.code
    return None


def test_role_region_and_owner_are_all_required() -> None:
    assert code_of(APPLICANT, Permission.ANSWER_OFFER, HERE, STUDIO) is None
    assert code_of(APPLICANT, Permission.ANSWER_OFFER, HERE, OTHER) == "not-owner"
    assert code_of(APPLICANT, Permission.ANSWER_OFFER, THERE, STUDIO) == "foreign-region"
    assert code_of(APPLICANT, Permission.APPROVE_RANKING, HERE) == "wrong-role"
    assert code_of(OFFICER, Permission.READ_VOUCHER, HERE, STUDIO) is None


def test_actor_with_two_roles_acts_by_the_one_that_permits() -> None:
    """An officer who is also an applicant reads as officer and answers offers as applicant."""
    both = Actor("b-1", grants({Role.OFFICER, Role.APPLICANT}, {HERE}), STUDIO)
    assert code_of(both, Permission.READ_VOUCHER, HERE, OTHER) is None
    assert code_of(both, Permission.ANSWER_OFFER, HERE, OTHER) == "not-owner"


def test_applicant_without_an_organisation_owns_nothing() -> None:
    alone = Actor("a-2", grants({Role.APPLICANT}, {HERE}))
    assert code_of(alone, Permission.READ_VOUCHER, HERE, STUDIO) == "not-owner"
    assert code_of(alone, Permission.READ_VOUCHER, HERE, owned_by(None)) == "not-owner"


def test_resource_of_no_applicant_is_closed_to_applicants() -> None:
    """A row without an organisation once belonged to everybody: a provider's account could be changed by any applicant."""
    assert code_of(APPLICANT, Permission.REGISTER_OWN_ACCOUNT, HERE, owned_by(None)) == "not-owner"
    assert code_of(APPLICANT, Permission.REGISTER_OWN_ACCOUNT, HERE) == "not-owner"
    assert code_of(APPLICANT, Permission.READ_CALLS, HERE, Unowned.OPEN) is None
    assert code_of(OFFICER, Permission.READ_VOUCHER, HERE, owned_by(None)) is None


def test_role_holds_only_in_its_region() -> None:
    """An officer of one region who is an applicant in another has the rights of neither in the other's region."""
    split = Actor("s-1", grants({Role.OFFICER}, {HERE}) | grants({Role.APPLICANT}, {THERE}), STUDIO)
    assert code_of(split, Permission.MANAGE_CALLS, HERE) is None
    assert code_of(split, Permission.MANAGE_CALLS, THERE) == "foreign-region"
    assert code_of(split, Permission.READ_VOUCHER, HERE, OTHER) is None
    assert code_of(split, Permission.READ_VOUCHER, THERE, OTHER) == "not-owner"
    assert visible_regions(split, Permission.MANAGE_CALLS, None) == {HERE}


def test_token_is_of_a_person_with_roles_by_region() -> None:
    roles = {HERE: ["officer"], THERE: ["evaluator", "admin"]}
    actor = actor_of({"sub": "login-2", "person": "p-1", "roles": roles})
    assert actor == Actor("p-1", grants({Role.OFFICER}, {HERE}) | grants({Role.EVALUATOR}, {THERE}))


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"roles": {HERE: ["applicant"]}}, "malformed-token"),
        ({"roles": {HERE: ["applicant", "officer"]}, "organisation": str(STUDIO)}, "conflicting-roles"),
        ({"roles": {HERE: ["applicant"], THERE: ["officer", "applicant"]}, "organisation": str(STUDIO)}, "conflicting-roles"),
    ],
)
def test_token_that_joins_both_sides_is_refused(claims: dict[str, Any], code: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        actor_of({"sub": "x", **claims})
    assert refused.value.code == code


def test_every_permission_has_a_role_and_an_auditor_only_reads() -> None:
    assert ROLES.keys() == set(Permission)
    assert all(ROLES.values())
    of_auditors = {permission for permission, roles in ROLES.items() if Role.AUDITOR in roles} - WITHOUT_ROLE
    assert all(permission.startswith(("read-", "export-")) for permission in of_auditors)


def test_paying_and_selecting_are_different_roles() -> None:
    choosing = {Permission.SCREEN_APPLICATION, Permission.APPROVE_RANKING, Permission.CHECK_CLAIM}
    paying = {Permission.PREPARE_DISBURSEMENT, Permission.APPROVE_DISBURSEMENT, Permission.SEAL_BATCH}
    assert not {role for permission in choosing for role in ROLES[permission]} & {
        role for permission in paying for role in ROLES[permission]
    }


def test_list_of_a_foreign_region_is_refused() -> None:
    assert visible_regions(OFFICER, Permission.READ_VOUCHER, None) == visible_regions(OFFICER, Permission.READ_VOUCHER, HERE) == {HERE}
    with pytest.raises(Forbidden) as caught:
        visible_regions(OFFICER, Permission.READ_VOUCHER, THERE)
    assert caught.value.code == "foreign-region"


def test_person_of_an_earlier_step_is_refused() -> None:
    refusal = Forbidden("same-person", "Another person has to do this.")
    require_distinct("c", ["a", "b"], refusal)
    with pytest.raises(Forbidden) as caught:
        require_distinct("b", ["a", "b"], refusal)
    assert caught.value.code == "same-person"
    with pytest.raises(TypeError):
        require_distinct("b", "abc", refusal)


def test_every_permission_guards_a_route_or_an_approval_step() -> None:
    """A step of the policy's table of approvals names the permission of its approver; the command asks for it."""
    routes = [*ROOT.glob("services/*/api/*.py"), *ROOT.glob("shared/web/*.py")]
    guarded = set(re.findall(r"requires\(Permission\.(\w+)", "\n".join(path.read_text() for path in routes)))
    approvals = (policy.approvals for policy in load_book(ROOT / "regions").all())
    of_steps = {step.permission.name for table in approvals for step in table.required(LARGEST_ENVELOPE_MINOR)}
    assert {permission.name for permission in Permission} - guarded - of_steps == set()
