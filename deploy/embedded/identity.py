"""The token issuer of the embedded stack: a key pair created at the first start, whose public half is served to the services.

In production an OpenID provider replaces it: the services know only a JWKS address, an issuer and an audience.
Token lifetimes are real time, not programme time.
"""

import json
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

from deploy.embedded.data_directory import BankKeys
from shared.identity.actor import Role
from shared.identity.signatures import generate_signing_key, load_signing_key
from shared.identity.tokens import AGENCY_LIFETIME_SECONDS
from shared.kernel.ids import new_id

ISSUER = "triptych-embedded"
AUDIENCE = "triptych"
ALGORITHM = "ES256"


def generate_key() -> ECKey:
    return ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True)


def public_keys(*keys: ECKey) -> str:
    """Returns the JWKS document (RFC 7517) with the public halves of the keys."""
    return json.dumps(KeySet(list(keys)).as_dict(private=False))


def load_key(path: Path) -> ECKey:
    return ECKey.import_key(json.loads(path.read_text()))


def ensure_key(path: Path, jwks: Path) -> ECKey:
    """Returns the private key stored at `path`, creating it if needed, and writes its public half to `jwks`."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(generate_key().as_dict(private=True)))
    key = load_key(path)
    jwks.parent.mkdir(parents=True, exist_ok=True)
    jwks.write_text(public_keys(key))
    return key


def ensure_provider_key(path: Path) -> None:
    """Makes the key of the demonstration's identity provider at the first start."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)
        path.write_text(json.dumps(key.as_dict(private=True)))


def ensure_bank_keys(keys: BankKeys) -> None:
    """Makes the key pairs of the bank's channel at the first start: ours, and that of the simulated bank."""
    for private, public in ((keys.ours, keys.our_public), (keys.banks, keys.banks_public)):
        if not private.exists():
            private.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            private.touch(mode=0o600)
            private.write_text(json.dumps(generate_signing_key().as_dict(private=True)))
        public.write_text(json.dumps(KeySet([load_signing_key(private)]).as_dict(private=False)))


def mint_token(
    private_key: ECKey,
    *,
    subject: str,
    roles: Iterable[Role | str],
    regions: Iterable[str],
    organisation: UUID | None = None,
    lifetime: timedelta = timedelta(seconds=AGENCY_LIFETIME_SECONDS),
    issuer: str = ISSUER,
    audience: str = AUDIENCE,
) -> str:
    """Returns a bearer token for an actor that has each of the roles in each of the regions, and has signed in just now."""
    names = [Role(role).value for role in roles]
    now = int(time.time())
    claims: jwt.Claims = {
        "iss": issuer,
        "aud": audience,
        "sub": subject,
        "roles": dict.fromkeys(regions, names),
        "jti": str(new_id()),
        "auth_time": now,
        "iat": now,
        "exp": now + int(lifetime.total_seconds()),
    }
    if organisation is not None:
        claims["organisation"] = str(organisation)
    return jwt.encode({"alg": ALGORITHM, "kid": private_key.kid}, claims, private_key)


def unverified_claims(token: str) -> dict[str, Any]:
    """The claims, without a look at the signature. Raises ValueError when it is no token with an id and an end."""
    try:
        claims = json.loads(jws.extract_compact(token.encode()).payload)
        return {**claims, "jti": str(claims["jti"]), "exp": float(claims["exp"])}
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ValueError("this is not a token with an id and an end") from error
