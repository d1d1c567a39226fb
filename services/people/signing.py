"""The access tokens that all services verify, signed with this service's key. Their times are real time."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from services.people.domain.sign_ins import TOKEN
from shared.identity.actor import Grant
from shared.kernel.ids import new_id

ALGORITHM = "ES256"


class TokenSigner:
    """Signs for one issuer and audience. `now`: seconds since 1970."""

    def __init__(self, key: ECKey, issuer: str, audience: str, now: Callable[[], float] = time.time) -> None:
        self._key, self._issuer, self._audience, self.now = key, issuer, audience, now

    @property
    def public_keys(self) -> dict[str, Any]:
        """The JWKS document (RFC 7517)."""
        return dict(KeySet([self._key]).as_dict(private=False))

    def machine_token(self, machine_id: UUID, grants: frozenset[Grant], acts_for: str) -> str:
        """`acts_for`: the person who answers for the machine."""
        return self._signed(machine_id, grants, int(self.now()), {"person": acts_for, "machine": True})

    def token(
        self, person_id: UUID, grants: frozenset[Grant], signed_in_at: float, *, sign_in_id: UUID | None, organisation_id: UUID | None
    ) -> str:
        optional = {"sid": sign_in_id, "organisation": organisation_id}
        return self._signed(person_id, grants, signed_in_at, {name: str(value) for name, value in optional.items() if value is not None})

    def _signed(self, subject: UUID, grants: frozenset[Grant], signed_in_at: float, more: Mapping[str, Any]) -> str:
        """Good for `TOKEN` from now on."""
        roles: dict[str, list[str]] = {}
        for grant in sorted(grants):
            roles.setdefault(grant.region, []).append(grant.role.value)
        now = int(self.now())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(subject),
            "roles": roles,
            "jti": str(new_id()),
            "auth_time": signed_in_at,
            "iat": now,
            "exp": now + int(TOKEN.total_seconds()),
            **more,
        }
        return jwt.encode({"alg": ALGORITHM, "kid": self._key.kid}, claims, self._key)


def load_key(path: Path) -> ECKey:
    """The private key of a JWK file."""
    return ECKey.import_key(json.loads(path.read_text()))
