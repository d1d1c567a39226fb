"""Sign-ins of the demonstration's people without a browser: ID tokens as their provider gives them to the portal."""

import json
import secrets
import time

from joserfc import jwt
from joserfc.jwk import RSAKey

from deploy.embedded.data_directory import DataDirectory
from deploy.embedded.state import PORTAL, State
from operations.client import Person
from simulation.provider.people import DemonstrationPerson, demonstration_people, regions_in

LIFETIME_SECONDS = 300
ROLES_SECONDS = 600
"""After a first start the roles are given within seconds, on a busy machine within minutes."""


class DemonstrationProofs:
    """`key`: the provider's. Who is not among its people is an applicant of the sample operations, of whom it knows no more than a name."""

    def __init__(self, issuer: str, client: str, key: RSAKey, people: dict[str, DemonstrationPerson]) -> None:
        self._issuer, self._client, self._key, self._people = issuer, client, key, people

    def of(self, person: Person) -> str:
        """An ID token of a sign-in of this moment (OpenID Connect Core 1.0, 2)."""
        now, known = int(time.time()), self._people.get(person.subject)
        claims: jwt.Claims = {
            "iss": self._issuer,
            "aud": self._client,
            "sub": person.subject,
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
            "auth_time": now,
            "nonce": secrets.token_urlsafe(24),
            "name": known.name if known else f"Demo {person.subject}",
            "email": known.email if known else f"{person.subject}@demonstration.example",
            "email_verified": True,
            "locale": known.language if known else "en",
        }
        return jwt.encode({"alg": "RS256", "kid": self._key.kid}, claims, self._key)


def proofs_of(data: DataDirectory, state: State) -> DemonstrationProofs:
    """Of the simulated provider of an embedded platform, once its people have their roles: a token of before would have none.
    `TimeoutError` when they do not get them."""
    deadline = time.monotonic() + ROLES_SECONDS
    while not data.demonstration_roles.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the people of the demonstration have no roles: {data.log('roles')}")
        time.sleep(0.2)
    return provider_proofs(data, state)


def provider_proofs(data: DataDirectory, state: State) -> DemonstrationProofs:
    people = {person.user_name: person for person in demonstration_people(regions_in(state.policies))}
    return DemonstrationProofs(state.provider, PORTAL, RSAKey.import_key(json.loads(data.provider_key.read_text())), people)
