"""An ID token is a proof of a sign-in, or a clean refusal, whatever its claims hold."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws

from services.people.domain.sign_ins import SIGN_IN, Proof
from services.people.providers import Providers
from services.people.settings import Provider
from shared.kernel.errors import Unauthenticated
from shared.texts.languages import LANGUAGES
from tests.support.identity import NAME, Issuer, serving

CLIENT = "portal"
NUMBERS = [-1, -1.0e9, -1.0e18, 1.0e18, 1.0e308, 10**400, -(10**400), float("inf"), float("-inf"), float("nan"), 0, 253402300799]
CLAIMS = ("iss", "aud", "azp", "sub", "iat", "exp", "auth_time", "name", "email", "email_verified", "locale", "nonce")
Prove = Callable[..., Proof]

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(NUMBERS) | st.text() | st.just("\ud800") | st.just("a\0b"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def prove() -> Iterator[Prove]:
    """Of the claims of an honest token, with others in their place."""
    with serving() as issuer, asyncio.Runner() as runner:
        providers = Providers([Provider(issuer=NAME, clients=(CLIENT,), jwks_url=issuer.url)])
        yield lambda **claims: runner.run(providers.proof(_signed(issuer, claims)))


def _signed(issuer: Issuer, claims: dict[str, Any]) -> str:
    now = int(time.time())
    honest = {"iss": NAME, "aud": CLIENT, "sub": "ada", "iat": now, "exp": now + 300, "auth_time": now, "name": "Ada", "locale": "pl"}
    issuer.key.ensure_kid()
    return jws.serialize_compact({"alg": "ES256", "kid": issuer.key.kid}, json.dumps(honest | claims), issuer.key)


@settings(max_examples=400)
@given(name=st.sampled_from(CLAIMS), value=values)
def test_claim_of_any_shape_is_refused_or_taken(prove: Prove, name: str, value: Any) -> None:
    """Refused as 401, or taken as what a database and a mail can hold."""
    try:
        proof = prove(**{name: value})
    except Unauthenticated:
        return
    assert datetime.fromtimestamp(proof.signed_in_at, UTC) + SIGN_IN
    assert datetime.fromtimestamp(proof.usable_until, UTC).timestamp() > time.time()
    assert proof.language in LANGUAGES
    for text in (proof.subject, proof.name, proof.email):
        assert text is None or text.isprintable()


@pytest.mark.parametrize("value", [*NUMBERS[:-2], "now", "1", True, [], {}])
@pytest.mark.parametrize("name", ["auth_time", "iat", "exp"])
def test_instant_that_is_none_is_refused(prove: Prove, name: str, value: Any) -> None:
    with pytest.raises(Unauthenticated) as refused:
        prove(**{name: value})
    assert refused.value.code == "no-proof-of-sign-in"


@pytest.mark.parametrize(
    ("provider_verifies", "claim", "verified"),
    [(False, {}, False), (True, {}, True), (True, {"email_verified": False}, False), (True, {"email_verified": "true"}, False),
     (True, {"email_verified": None}, False), (False, {"email_verified": True}, True)],
)  # fmt: skip
def test_address_counts_by_the_claim_or_by_the_provider(provider_verifies: bool, claim: dict[str, Any], verified: bool) -> None:
    with serving() as issuer:
        known = Provider(issuer=NAME, clients=(CLIENT,), jwks_url=issuer.url, verifies_emails=provider_verifies)
        proof = asyncio.run(Providers([known]).proof(_signed(issuer, {"email": "ada@people.example", **claim})))
    assert proof.email_verified is verified


@pytest.mark.parametrize("subject", ["", " ada", "ada\0", "\ud800", "x" * 256, 7, None, ["ada"]])
def test_person_without_a_name_is_nobody(prove: Prove, subject: Any) -> None:
    with pytest.raises(Unauthenticated):
        prove(sub=subject)
