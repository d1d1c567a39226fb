"""Access tokens of a test's own key, for a service that runs without `people`."""

import time
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.embedded.identity import AUDIENCE, ISSUER
from operations.client import Api, Person
from shared.identity.actor import Role
from shared.identity.tokens import AGENCY_LIFETIME_SECONDS
from shared.kernel.ids import new_id


def mint_token(
    key: ECKey,
    *,
    subject: str,
    roles: Iterable[Role | str],
    regions: Iterable[str],
    organisation: UUID | None = None,
    lifetime: timedelta = timedelta(seconds=AGENCY_LIFETIME_SECONDS),
) -> str:
    """Of an actor that has each of the roles in each of the regions, and has signed in just now."""
    names, now = [Role(role).value for role in roles], int(time.time())
    claims: jwt.Claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "roles": dict.fromkeys(regions, names),
        "jti": str(new_id()),
        "auth_time": now,
        "iat": now,
        "exp": now + int(lifetime.total_seconds()),
    }
    if organisation is not None:
        claims["organisation"] = str(organisation)
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key)


class MintingApi(Api):
    """A client whose persons all have these roles."""

    def __init__(self, gateway: str, key: ECKey, roles: Iterable[Role], regions: Iterable[str]) -> None:
        super().__init__(gateway, NoProofs())
        self._key, self._roles, self._regions = key, list(roles), list(regions)

    async def sign_in(self, person: Person) -> str:
        return mint_token(self._key, subject=person.subject, roles=self._roles, regions=self._regions, organisation=person.organisation)


class NoProofs:
    def of(self, person: Person) -> str:
        raise AssertionError(f"{person} has no identity provider in this test")
