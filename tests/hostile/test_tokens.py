"""Tokens of an attacker. Beyond `tests/unit/test_identity.py`: forged headers, forged signatures, and signed claims that only a broken
issuer would make."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, Key

from shared.identity.actor import Actor, Role, grants
from shared.identity.tokens import AGENCY_LIFETIME_SECONDS
from shared.kernel.errors import Unauthenticated
from tests.support.identity import AUDIENCE, NAME, Issuer, serving

OFFICER = Actor("o-1", grants({Role.OFFICER}, {"hr-koprivnica"}))
NOW = int(time.time())
CLAIMS = {
    "iss": NAME, "aud": AUDIENCE, "sub": "o-1", "roles": {"hr-koprivnica": ["officer"]},
    "iat": NOW, "exp": NOW + 3600, "jti": "1", "auth_time": NOW,
}  # fmt: skip


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving() as running:
        yield running


def encoded(content: bytes | str) -> str:
    return base64.urlsafe_b64encode(content.encode() if isinstance(content, str) else content).decode().rstrip("=")


def signature(key: Key, content: str) -> bytes:
    """The form of RFC 7518 for ES256: r and s, 32 bytes each."""
    r, s = decode_dss_signature(key.private_key.sign(content.encode(), ECDSA(SHA256())))  # type: ignore[attr-defined]
    return r.to_bytes(32) + s.to_bytes(32)


def token(key: Key, header: dict[str, Any] | None = None, claims: str | bytes | None = None, signing: Key | None = None) -> str:
    """A token with this header and these claims, signed by the issuer's key unless `signing` is given."""
    head = {"alg": "ES256", "kid": key.kid, **(header or {})}
    head = {name: value for name, value in head.items() if value != "absent"}
    content = f"{encoded(json.dumps(head))}.{encoded(json.dumps(CLAIMS) if claims is None else claims)}"
    return f"{content}.{encoded(signature(signing or key, content))}"


async def refusal(issuer: Issuer, text: str) -> str:
    try:
        actor = await issuer.verifier().verify(text)
    except Unauthenticated as error:
        return error.code
    return f"let in: {actor}"


async def test_base_token_of_the_other_tests_is_valid(issuer: Issuer) -> None:
    assert await issuer.verifier().verify(token(published(issuer))) == OFFICER


def published(issuer: Issuer) -> Key:
    issuer.key.ensure_kid()
    return issuer.key


HEADERS: list[tuple[dict[str, Any], str]] = [
    *[({"alg": alg}, "bad-signature") for alg in ("none", "None", "NONE", "nOnE", "", "HS256", "HS512", "ES384", "PS256", "RS512", "dir")],
    *[({"alg": alg}, "bad-signature") for alg in ("RS256", "EdDSA", "Ed25519")],
    *[({"alg": alg}, "malformed-token") for alg in ("absent", None, 1, ["ES256"], {"ES256": 1})],
    *[
        ({"kid": kid}, "unknown-key")
        for kid in ("", "../../../dev/null", "' OR 1=1 --", "http://127.0.0.1/k", "k" * 200, "é", "\0", "\ud800")
    ],
    *[({"kid": kid}, "malformed-token") for kid in (1, True, ["k"], {"k": 1}, 1.5)],
    *[({"crit": crit}, "malformed-token") for crit in (["exp"], ["unknown"], "b64", [1], [None], None)],
    ({"b64": False, "crit": ["b64"]}, "malformed-token"),
    ({"typ": 1}, "bad-signature"),
]


async def test_no_header_bypasses_verification(issuer: Issuer) -> None:
    key, odd = published(issuer), []
    for header, expected in HEADERS:
        got = await refusal(issuer, token(key, header))
        if got != expected and not (expected == "malformed-token" and got == "bad-signature"):
            odd.append((str(header)[:60], got))
    assert not odd


async def test_key_or_address_inside_a_token_is_not_used(issuer: Issuer) -> None:
    forger = ECKey.generate_key("P-256")
    with serving() as elsewhere:
        elsewhere.rotate(forger)
        own = forger.as_dict(private=False)
        for header in [
            {"jwk": own},
            {"jku": elsewhere.url},
            {"x5u": elsewhere.url},
            {"x5c": ["AAAA"]},
            {"kid": elsewhere.url, "jku": elsewhere.url},
        ]:
            assert (await refusal(issuer, token(published(issuer), header, signing=forger))) in ("bad-signature", "unknown-key"), header
        assert elsewhere.reads == 0


async def test_public_key_in_any_form_is_no_shared_secret(issuer: Issuer) -> None:
    key = published(issuer)
    public = key.private_key.public_key()  # type: ignore[attr-defined]
    forms = [
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        json.dumps(key.as_dict(private=False)).encode(),
        issuer.document("/jwks.json")[1],
        b"",
    ]
    for secret in forms:
        for alg, digest in (("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512"), ("ES256", "sha256")):
            content = f"{encoded(json.dumps({'alg': alg, 'kid': key.kid}))}.{encoded(json.dumps(CLAIMS))}"
            mac = hmac.digest(secret, content.encode(), digest)
            assert await refusal(issuer, f"{content}.{encoded(mac)}") == "bad-signature"


async def test_altered_signature_is_refused(issuer: Issuer) -> None:
    key = published(issuer)
    good = token(key)
    content, _, signed = good.rpartition(".")
    raw = base64.urlsafe_b64decode(signed + "==")
    der = key.private_key.sign(content.encode(), ECDSA(SHA256()))  # type: ignore[attr-defined]
    for forged in (
        bytes(64),
        b"\0" * 32 + raw[32:],
        raw[:32] + bytes(32),
        b"\xff" * 64,
        raw[32:] + raw[:32],
        raw[:-1],
        raw + b"\0",
        der,
        b"",
    ):
        assert await refusal(issuer, f"{content}.{encoded(forged)}") == "bad-signature"
    flattened = json.dumps(dict(zip(("protected", "payload", "signature"), good.split("."), strict=True)))
    for text in (
        f"{good}.",
        f".{good}",
        f"{good}.x",
        f"{content}.{signed}\n.",
        flattened,
        good.replace(".", ".."),
        "." * 8000,
        good + "é",
        good + "\ud800",
    ):
        assert await refusal(issuer, text) in ("malformed-token", "bad-signature"), text[:30]


MISTYPED_ROLES = ("officer", ["officer"], {"hr": "officer"}, {"hr": [["officer"]]}, {"hr": [1]}, {"hr": None}, None)
SIGNED: list[tuple[dict[str, Any], str]] = [
    *[({"exp": exp}, "token-lifetime-too-long") for exp in (NOW + AGENCY_LIFETIME_SECONDS + 60, 2**63, 10**300, 10**400, 1e300)],
    *[({"iat": iat}, "token-lifetime-too-long") for iat in (0, -1, -1e300, -(10**300))],
    *[({"exp": 10**300, "iat": iat}, "token-lifetime-too-long") for iat in (-1e300, 1.5)],
    *[({"exp": exp}, "expired-token") for exp in (0, -1, NOW - 60, -1e300)],
    *[({"iat": iat}, "not-yet-valid") for iat in (NOW + 3000, 2**63, 1e300, float("inf"), float("-inf"), float("nan"), True)],
    *[({"nbf": nbf}, "not-yet-valid") for nbf in (NOW + 3000, 10**300, 10**400, float("inf"))],
    *[({name: value}, "malformed-token") for name in ("exp", "iat", "nbf") for value in ("1", [], {}, None)],
    *[({"exp": exp}, "malformed-token") for exp in (float("inf"), float("-inf"), float("nan"), True)],
    *[({"iss": iss}, "wrong-issuer") for iss in ([NAME], {NAME: 1}, NAME + "/", NAME.upper(), NAME + "\0", None, "")],
    *[({"aud": aud}, "wrong-audience") for aud in ([], [[AUDIENCE]], {AUDIENCE: 1}, AUDIENCE + " ", f"{AUDIENCE},x", None, [None], 1)],
    *[({"sub": sub}, "malformed-token") for sub in (1, [], None, "", "a\0b", "a\nb", "\ud800", "x" * 201)],
    *[({"roles": roles}, "malformed-token") for roles in MISTYPED_ROLES],
    *[({"roles": {region: ["officer"]}}, "malformed-token") for region in ("", "a\0b", "\ud800", "x" * 201)],
    *[({"jti": jti}, "malformed-token") for jti in (1, [], None, "", "a\nb", "x" * 201)],
    *[({"auth_time": at}, "malformed-token") for at in ("1", [], {}, None, True, float("nan"))],
    *[({"auth_time": at}, "not-yet-valid") for at in (NOW + 3000, 10**300, 10**400, float("inf"))],
    *[({"machine": machine, "person": "p-1"}, "malformed-token") for machine in ("true", 1, None, [], {})],
    ({"machine": True}, "malformed-token"),
    *[({"organisation": one}, "malformed-token") for one in ("", "x", 1, [], {}, True, "0" * 31, "\0")],
]


async def test_signed_invalid_claims_are_refused(issuer: Issuer) -> None:
    key, odd = published(issuer), []
    for changed, expected in SIGNED:
        got = await refusal(issuer, token(key, claims=json.dumps(CLAIMS | changed)))
        if got != expected:
            odd.append((str(changed)[:70], got))
    assert not odd, "\n".join(map(str, odd))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"1",
        b"{",
        b"\xff",
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b"[" * 5000,
        json.dumps({"exp": 1})[:-1].encode() + b',"x":' + b"9" * 4400 + b"}",
    ],
    ids=lambda content: f"{content[:8]!r}",
)
async def test_signed_payload_that_is_no_object_is_refused(issuer: Issuer, content: bytes) -> None:
    assert await refusal(issuer, token(published(issuer), claims=content)) in ("malformed-token", "bad-signature", "wrong-issuer")


async def test_overlong_token_is_not_read(issuer: Issuer) -> None:
    assert await refusal(issuer, token(published(issuer), claims=json.dumps(CLAIMS | {"x": "y" * 6000}))) == "malformed-token"
    assert issuer.reads == 0


async def test_unknown_roles_give_no_permission(issuer: Issuer) -> None:
    claims = json.dumps(CLAIMS | {"roles": {"hr-koprivnica": ["admin", "Officer", "officer ", "OFFICER", "*"]}})
    assert (await issuer.verifier().verify(token(published(issuer), claims=claims))).roles == frozenset()
