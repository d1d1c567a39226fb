"""ID tokens of the OpenID providers (OpenID Connect Core 1.0, 3.1.3.7): a proof of a sign-in, which says nothing of roles."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from services.people.domain.sign_ins import Proof
from services.people.settings import Provider
from shared.identity.headers import Headers
from shared.identity.keys import KeyStore
from shared.identity.tokens import key_id_of, signed_claims
from shared.kernel.errors import Unauthenticated

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Asymmetric only, as for access tokens; providers sign with more kinds of keys than we do."""
LEEWAY_SECONDS = 30
LATEST_SECONDS = 253_402_300_800
"""The year 10000: no instant of ours is later, and none is before 1970."""
FRESH_SECONDS = 600
"""An ID token proves a sign-in to a client that has just got it; an older one may have been found somewhere."""
MAX_SUBJECT, MAX_NAME, MAX_EMAIL = 255, 200, 254


class Providers:
    """The providers whose sign-ins count. `now`: seconds since 1970."""

    def __init__(self, providers: Iterable[Provider], now: Callable[[], float] = time.time) -> None:
        self._known = {provider.issuer: (provider, KeyStore(provider.jwks_url)) for provider in providers}
        self._now = now

    @property
    def of_commands(self) -> list[Provider]:
        """Those at which the commands of the operator sign people in."""
        return [provider for provider, _ in self._known.values() if provider.command_line]

    async def proof(self, token: str) -> Proof:
        """Raises `Unauthenticated` for a token that proves no sign-in of the last minutes, and `Unavailable` while the provider's keys
        cannot be read."""
        key_id = key_id_of(token, ALGORITHMS)
        known = self._known.get(_unverified_issuer(token))
        if known is None:
            raise Unauthenticated("unknown-provider", "Sign-ins of this identity provider are not accepted here.")
        provider, keys = known
        claims = signed_claims(token, await keys.find(key_id), ALGORITHMS)
        return self._proof(provider, claims, _digest_of(token))

    def _proof(self, provider: Provider, claims: Mapping[str, Any], digest: str) -> Proof:
        now, subject = self._now(), _text(claims.get("sub"), MAX_SUBJECT)
        if claims.get("iss") != provider.issuer or subject is None or subject != claims["sub"]:
            raise _no_proof("iss or sub")
        client = _client_of(claims, provider.accepted)
        issued_at, ends_at, signed_in_at = (_instant(claims, name) for name in ("iat", "exp", "auth_time"))
        usable_until = min(ends_at, issued_at + FRESH_SECONDS) + LEEWAY_SECONDS
        if not issued_at - LEEWAY_SECONDS <= now <= usable_until:
            raise Unauthenticated("sign-in-too-old", "This sign-in was too long ago. Sign in again.")
        if signed_in_at > now + LEEWAY_SECONDS:
            raise _no_proof("auth_time")
        return Proof(
            provider.issuer,
            subject,
            client,
            min(signed_in_at, now),
            digest,
            usable_until,
            name=_text(claims.get("name"), MAX_NAME),
            email=_text(claims.get("email"), MAX_EMAIL),
            email_verified=claims.get("email_verified", provider.verifies_emails) is True,
            locale=_text(claims.get("locale"), 40),
        )


def _unverified_issuer(token: str) -> str:
    """Only to find the keys: the signature is verified with those of this issuer and no other."""
    try:
        issuer = json.loads(jws.extract_compact(token.encode(), registry=Headers(ALGORITHMS)).payload)["iss"]
    except (JoseError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _no_proof("iss") from error
    return issuer if isinstance(issuer, str) else ""


def _digest_of(token: str) -> str:
    """Of header and claims: the same claims have other signatures, which somebody can make of a known one (ECDSA)."""
    return hashlib.sha256(token.rpartition(".")[0].encode()).hexdigest()


def _client_of(claims: Mapping[str, Any], clients: frozenset[str]) -> str:
    """The client for which the token was made; of several audiences the one in `azp`."""
    audience = claims.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    client = claims.get("azp", listed[0] if len(listed) == 1 else None)
    if not isinstance(client, str) or client not in listed or client not in clients:
        raise Unauthenticated("wrong-audience", "The token was issued for another service.")
    return client


def _instant(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LATEST_SECONDS:  # NaN is neither
        raise _no_proof(name)
    return float(value)


def _text(value: object, longest: int) -> str | None:
    """What the provider says of the person; what is no printable text of this length is left out, not an error."""
    return value.strip() if isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) <= longest else None


def _no_proof(part: str) -> Unauthenticated:
    return Unauthenticated("no-proof-of-sign-in", "The ID token cannot be accepted: {part} is missing or not as it has to be.", part=part)
