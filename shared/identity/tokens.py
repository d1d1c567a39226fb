"""Bearer tokens: a signed JWT (RFC 7519) in, an `Actor` out. Verification cannot be switched off.

An OpenID provider replaces the embedded key pair by its JWKS address, issuer and audience. If it names roles in other claims,
`actor_of` is the one function to change. Tokens are checked in real time, never in programme time.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, InvalidPayloadError, JoseError, MissingClaimError
from joserfc.jwk import Key

from shared.identity.actor import Actor, Grant, Role, is_reserved, pseudonym
from shared.identity.headers import Headers
from shared.identity.keys import KeyStore
from shared.identity.permissions import FRESH_SECONDS
from shared.identity.revocations import Revocations
from shared.kernel.errors import Unauthenticated

ALGORITHMS = ("ES256", "EdDSA", "Ed25519", "RS256")
"""Asymmetric only: with an HMAC the public key would be a signing key, and 'none' signs nothing. (EdDSA is the older name of Ed25519.)"""

LEEWAY_SECONDS = 30
MAX_TOKEN_LENGTH = 8_192
MAX_ID_LENGTH = 200
AGENCY_LIFETIME_SECONDS = 3600
"""From `iat` to `exp`, for every role but applicant: a stolen token of the agency opens a region's cases and money, and who
leaves the agency is out after an hour at most, also where nobody thinks of revoking. The provider renews it without a new sign-in."""
APPLICANT_LIFETIME_SECONDS = 12 * 3600
"""An applicant writes at a form for a working day and has only one organisation's cases; a sign-in that ends in the evening of a call's
last day costs more than it protects."""
KEPT_TOKENS = 2_000
"""How many verified tokens are cached. The signature and what its claims say do not change under the same key, so they are checked
once; what changes is checked each time: whether it has ended or was revoked, and whether the sign-in is fresh. A token is verified again
after its key was removed or read again, when it is about to end, and when the clock was put back."""


@dataclass(frozen=True, slots=True)
class _Proven:
    """A token whose signature is valid under `key`, and whose claims were valid at `at`. Of all limits in time only `exp` can be passed
    after that. `stale`, `fresh`: its actor without and with a fresh sign-in."""

    key_id: str | None
    key: Key
    claims: Mapping[str, Any]
    at: float
    stale: Actor
    fresh: Actor


class TokenVerifier:
    """Verifies tokens of one issuer for one audience against the keys at `jwks_url` and the revocation list at `revocations_url`.
    `hash_key` makes a pseudonym of a person who is named by an e-mail address."""

    def __init__(
        self, jwks_url: str, revocations_url: str, issuer: str, audience: str, hash_key: bytes, *, now: Callable[[], float] = time.time
    ) -> None:
        self._keys, self._revocations = KeyStore(jwks_url), Revocations(revocations_url)
        self._issuer, self._audience, self._hash_key, self._now = issuer, audience, hash_key, now
        self._seen: dict[str, _Proven] = {}

    async def verify(self, token: str | None) -> Actor:
        """The actor that the token proves.

        Raises `Unauthenticated` with code missing-token, malformed-token, unknown-key, bad-signature, wrong-issuer,
        wrong-audience, expired-token, not-yet-valid, token-lifetime-too-long or revoked-token; `Unavailable` when the keys, or for
        the agency the revocation list, cannot be read.
        """
        if not token:
            raise Unauthenticated("missing-token", "This needs a bearer token.")
        seen = self._seen.get(token)
        key_id = seen.key_id if seen else key_id_of(token)
        key = await self._keys.find(key_id)
        now = self._now()
        if seen is None or seen.key is not key or not seen.at <= now < seen.claims["exp"]:
            seen = self._seen[token] = self._proven(key_id, key, signed_claims(token, key), now)
            if len(self._seen) > KEPT_TOKENS:
                del self._seen[next(iter(self._seen))]
        actor = seen.fresh if now - seen.claims["auth_time"] <= FRESH_SECONDS else seen.stale
        await self._revocations.check(actor, seen.claims)
        return actor

    def _proven(self, key_id: str | None, key: Key, claims: Mapping[str, Any], now: float) -> _Proven:
        self._check(claims)
        stale = actor_of(claims, self._hash_key)
        _check_lifetime(claims, stale)
        return _Proven(key_id, key, claims, now, stale, actor_of(claims, self._hash_key, fresh=True))

    def _check(self, claims: Mapping[str, Any]) -> None:
        audience = claims.get("aud")
        if claims.get("iss") != self._issuer:
            raise Unauthenticated("wrong-issuer", "The token was issued by another issuer.")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise Unauthenticated("wrong-audience", "The token was issued for another service.")
        times = jwt.JWTClaimsRegistry(
            now=int(self._now()), leeway=LEEWAY_SECONDS, exp={"essential": True}, iat={"essential": True}, sub={"essential": True}
        )
        try:
            times.validate(dict(claims))
        except ExpiredTokenError as error:
            raise Unauthenticated("expired-token", "The token has expired.") from error
        except MissingClaimError as error:
            raise _malformed(error.claim) from error
        except InvalidClaimError as error:
            if error.claim in ("nbf", "iat") and isinstance(claims[error.claim], int | float):
                raise Unauthenticated("not-yet-valid", "The token is not valid yet.") from error
            raise _malformed(error.claim) from error
        if not _is_name(claims.get("jti")):
            raise _malformed("jti")
        signed_in_at = claims.get("auth_time")
        if isinstance(signed_in_at, bool) or not isinstance(signed_in_at, int | float) or signed_in_at != signed_in_at:  # NaN is not itself
            raise _malformed("auth_time")
        if signed_in_at > self._now() + LEEWAY_SECONDS:
            raise Unauthenticated("not-yet-valid", "The token is not valid yet.")


def _check_lifetime(claims: Mapping[str, Any], actor: Actor) -> None:
    longest = APPLICANT_LIFETIME_SECONDS if actor.roles == {Role.APPLICANT} else AGENCY_LIFETIME_SECONDS
    if claims["exp"] > claims["iat"] + longest:
        raise Unauthenticated("token-lifetime-too-long", "The token is valid for more than {max_seconds} seconds.", max_seconds=longest)


def signed_claims(token: str, key: Key, algorithms: Sequence[str] = ALGORITHMS) -> Mapping[str, Any]:
    """The claims. Raises `Unauthenticated` when `key` did not sign them."""
    try:
        return jwt.decode(token, key, registry=Headers(algorithms)).claims
    except InvalidPayloadError as error:
        raise _malformed("payload") from error
    except (JoseError, ValueError, TypeError, RecursionError) as error:  # the library fails on a header such as {"crit": [1]}
        raise _bad_signature() from error


def actor_of(claims: Mapping[str, Any], hash_key: bytes = b"", *, fresh: bool = False) -> Actor:
    """The actor of verified claims; `fresh`: the person has signed in a moment ago.

    `roles` maps each region to a list of roles. `person` is the pseudonym of the person, where one person may have several logins;
    without it the person is `sub`. `machine`: `sub` is a machine, which acts for `person` and has never just signed in. An e-mail address
    becomes a pseudonym (`actor.pseudonym`). `organisation` (a UUID) is there for an applicant. Unknown roles are ignored: a provider may
    hold roles of other systems. `Unauthenticated` 'malformed-token' for a claim of the wrong type, and for an applicant without an
    organisation; 'conflicting-roles' for a token that is of an applicant and of the agency, in whatever regions; 'reserved-name' for a
    person who is named as the platform names itself or others.
    """
    person = claims.get("person", claims.get("sub"))
    if not _is_name(claims.get("sub")) or not _is_name(person):
        raise _malformed("sub")
    if is_reserved(person):
        raise Unauthenticated("reserved-name", "The identity provider gives this person a name that the platform uses itself.")
    organisation = claims.get("organisation")
    try:
        organisation_id = None if organisation is None else UUID(organisation)
    except (ValueError, TypeError, AttributeError) as error:
        raise _malformed("organisation") from error
    is_machine = claims.get("machine", False)
    if not isinstance(is_machine, bool) or (is_machine and "person" not in claims):
        raise _malformed("machine")
    machine = claims["sub"] if is_machine else None
    actor = Actor(pseudonym(hash_key, person), _grants(claims.get("roles", {})), organisation_id, fresh and not is_machine, machine)
    if Role.APPLICANT in actor.roles and organisation_id is None:
        raise _malformed("organisation")
    if Role.APPLICANT in actor.roles and actor.roles != {Role.APPLICANT}:
        raise Unauthenticated("conflicting-roles", "One token cannot be of an applicant and of the agency.")
    return actor


def _grants(roles: object) -> frozenset[Grant]:
    if not isinstance(roles, dict) or not all(map(_is_name, roles)):
        raise _malformed("roles")
    for names in roles.values():
        if not isinstance(names, list) or not all(map(_is_name, names)):
            raise _malformed("roles")
    return frozenset(Grant(role, region) for region, names in roles.items() for role in Role if role in names)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and 0 < len(value) <= MAX_ID_LENGTH


def key_id_of(token: str, algorithms: Sequence[str] = ALGORITHMS) -> str | None:
    """The id of the key that the token names, None when it names none. Raises `Unauthenticated`, also for another algorithm."""
    try:
        if len(token) > MAX_TOKEN_LENGTH:
            raise ValueError("too long")
        header = jws.extract_compact(token.encode("ascii"), registry=Headers(algorithms)).headers()
        key_id = header.get("kid")
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _malformed("header") from error
    if header.get("alg") not in algorithms:
        raise _bad_signature()
    if "crit" in header:
        raise _malformed("crit")
    if key_id is not None and not isinstance(key_id, str):
        raise _malformed("kid")
    return key_id


def _malformed(part: str) -> Unauthenticated:
    return Unauthenticated("malformed-token", "The token cannot be read: {part} is missing or not as it has to be.", part=part)


def _bad_signature() -> Unauthenticated:
    return Unauthenticated("bad-signature", "The signature of the token is not valid, or of a kind that is not accepted.")
