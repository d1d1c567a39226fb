"""The revocation list: tokens that are void before their end, and persons who have to sign in again.

It is a JSON document at an address of its own, beside the issuer's keys, with instants in seconds since 1970:
`{"tokens": {jti: exp}, "sign_ins": {sid: exp}, "persons": {id: instant}, "issued": {id: instant}}`. A person's token is void when the
person signed in before the instant of `persons`, or when it was issued before the instant of `issued`, since when the person has other
roles: a renewed one is valid. The id is `Actor.id`, so an e-mail address is never in the list. The issuer may drop an entry once no
token that it concerns can be valid any more.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from shared.identity.actor import Actor, Role
from shared.identity.published import Published
from shared.kernel.errors import Unauthenticated, Unavailable

MAX_AGE_SECONDS = 30
"""A list older than this is read again, so that a revocation works within a minute."""

MAX_STALE_SECONDS = 120
"""While the list cannot be read, the last one is used until this age. Then a role of the agency is answered with 503: its
token reaches the cases and the money of a region. An applicant's token reaches one organisation's own cases, and a deadline must not
be missed because a list is missing, so applicants go on with the last list."""


class RevocationList(BaseModel):
    tokens: dict[str, float]
    persons: dict[str, float]
    sign_ins: dict[str, float] = {}
    issued: dict[str, float] = {}

    def voids(self, actor: Actor, claims: Mapping[str, Any]) -> bool:
        """`claims` of a verified token of the actor. What voids the tokens of a person voids those of the person's machines."""
        bearers = [bearer for bearer in (actor.id, actor.machine) if bearer]
        return (
            claims["jti"] in self.tokens
            or claims.get("sid") in self.sign_ins
            or any(claims["auth_time"] < self.persons.get(bearer, 0) for bearer in bearers)
            or any(claims["iat"] < self.issued.get(bearer, 0) for bearer in bearers)
        )


def read_list(value: Any) -> RevocationList:
    return RevocationList.model_validate(value)


class Revocations:
    """Cache of the list at `url`. `monotonic` measures its age; tests replace it."""

    def __init__(self, url: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._published = Published(url, read_list, monotonic)

    async def check(self, actor: Actor, claims: Mapping[str, Any]) -> None:
        """Raises `Unauthenticated` 'revoked-token'; `Unavailable` for a role of the agency while the list cannot be read."""
        await self._published.refresh_unless(lambda: self._published.age_seconds <= MAX_AGE_SECONDS)
        if self._published.age_seconds > MAX_STALE_SECONDS and actor.roles - {Role.APPLICANT}:
            raise Unavailable("the revocation list cannot be read")
        known = self._published.value
        if known and known.voids(actor, claims):
            raise Unauthenticated("revoked-token", "This token was revoked. Sign in again.")
