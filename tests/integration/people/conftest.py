"""The desk of people: its HTTP app on a database of its own, and a provider with keys of its own whose ID tokens it exchanges."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey

from services.people.app import SERVICE
from services.people.commands.propose_role import propose_role
from services.people.jobs.mail import MailDelivery
from services.people.letters import Letters
from services.people.providers import Providers
from services.people.settings import MailServer, Provider
from services.people.signing import TokenSigner
from services.people.steps.roles import Proposal
from services.people.subscribers import HANDLERS
from services.people.tables import MailRow
from shared.database import Sessions
from shared.identity.actor import Actor, Role, grants
from shared.identity.tokens import actor_of
from shared.kernel.ids import new_id
from tests.support.desk import REGIONS, FrozenClock, ServiceDesk, assembled
from tests.support.evaluation import BOOK
from tests.support.identity import AUDIENCE, KEY, NAME, Issuer, serving
from tests.support.mail import Mailbox, mail_server

FreshDatabase = Callable[[str], Awaitable[str]]
START = datetime(2026, 1, 10, 9, tzinfo=UTC)
CLIENT, REGION = "portal", "be-kortrijk"
PORTAL = "https://grants.example"
REAL = datetime(2026, 11, 29, 12, tzinfo=UTC)
EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
}
STUDIO = {
    "country": "PL",
    "tax_number": "526-000-12-46",
    "name": "Atelier Przykład",
    "seat": {"street": "Ulica 1", "postcode": "30-001", "town": "Kraków", "country": "PL"},
    "size": {"staff": 2, "turnover_minor": 9_000_000, "balance_minor": 3_000_000, "currency": "PLN", "year": 2025},
    "nuts": "PL213",
    "activity_code": "90.02",
}


class Desk(ServiceDesk):
    """The desk of people. `now` is the real time of the token's issuer, which the test moves."""

    app: FastAPI
    client: httpx.AsyncClient
    issuer: Issuer

    def __init__(
        self, app: FastAPI, client: httpx.AsyncClient, issuer: Issuer, sessions: Sessions, clock: FrozenClock, provider: Issuer
    ) -> None:
        super().__init__("people", sessions, clock, BOOK, HANDLERS, issuer, app, client)
        self.provider, self.now = provider, time.time()
        key = ECKey.generate_key("P-256", auto_kid=True)
        app.state.signer = TokenSigner(key, NAME, AUDIENCE, lambda: self.now)
        self.known = Provider(issuer=NAME, clients=(CLIENT,), jwks_url=provider.url)
        app.state.providers = Providers([self.known], lambda: self.now)
        issuer.published.append(key)

    def id_token(self, subject: str, **claims: Any) -> str:
        """As the provider gives it to the portal."""
        now = int(self.now)
        content = {
            "iss": NAME, "aud": CLIENT, "sub": subject, "iat": now, "exp": now + 300, "auth_time": now,
            "name": f"{subject} Example", "email": f"{subject}@people.example", "email_verified": True, "nonce": str(new_id()),
        }  # fmt: skip
        return self.signed({name: value for name, value in {**content, **claims}.items() if value is not None})

    def signed(self, claims: dict[str, Any]) -> str:
        """By the provider, with a signature that differs each time."""
        self.provider.key.ensure_kid()
        return jwt.encode({"alg": "ES256", "kid": self.provider.key.kid}, claims, self.provider.key)

    async def token(self, expect: int = 200, **form: str) -> dict[str, Any]:
        answer = await self.client.post("/api/people/token", data=form)
        assert answer.status_code == expect, answer.text
        content: dict[str, Any] = answer.json()
        return content

    async def sign_in(self, subject: str, **claims: Any) -> dict[str, Any]:
        return await self.token(**EXCHANGE, subject_token=self.id_token(subject, **claims))

    async def person(self, subject: str, **form: str) -> Actor:
        """Who has just signed in."""
        answer = await self.token(**EXCHANGE, subject_token=self.id_token(subject), **form)
        return self.actor_of(answer["access_token"])

    def actor_of(self, token: str) -> Actor:
        """What the services read in a token of people."""
        key = self.app.state.signer._key
        return actor_of(jwt.decode(token, key).claims, fresh=True)

    async def ask(self, token: str, method: str, path: str, expect: int = 200, **request: Any) -> Any:
        """With a token of people itself."""
        answer = await self.client.request(method, f"/api/people{path}", headers={"Authorization": f"Bearer {token}"}, **request)
        assert answer.status_code == expect, answer.text
        return answer.json() if answer.content else None

    async def given(self, one: Actor, two: Actor, person: str, role: Role, **more: str) -> dict[str, Any]:
        """The role, which `one` has proposed and `two` confirmed."""
        body = {"person_id": person, "role": role, "region": REGION, "reason": "appointed", **more}
        grant = await self.request(one, "POST", "/roles", 201, json=body)
        granted: dict[str, Any] = await self.request(two, "POST", f"/roles/{grant['id']}/confirmation", json={"reason": "yes"})
        return granted

    async def administrator(self, subject: str, region: str = REGION) -> Actor:
        """A person with the role, which two others have given."""
        person = await self.person(subject)
        root, other = (Actor(name, grants({Role.ADMINISTRATOR}, {region})) for name in ("root-1", "root-2"))
        grant = await self.run(propose_role, root, Proposal(UUID(person.id), Role.ADMINISTRATOR, region, self.clock.instant), "first")
        await self.request(other, "POST", f"/roles/{grant.id}/confirmation", json={"reason": "first"})
        return await self.person(subject)


@pytest.fixture
def provider() -> Iterator[Issuer]:
    with serving() as issuer:
        yield issuer


@pytest_asyncio.fixture
async def desk(fresh_database: FreshDatabase, issuer: Issuer, provider: Issuer) -> AsyncIterator[Desk]:
    clock = FrozenClock(START)
    async with assembled(SERVICE, await fresh_database("people"), issuer, clock, BOOK, KEY) as (app, client, sessions):
        yield Desk(app, client, issuer, sessions, clock, provider)


@dataclass
class Post:
    """The mailbox of all recipients, and the worker's job that fills it. `real` is the clock of retries."""

    desk: Desk
    mailbox: Mailbox
    server: MailServer
    real: FrozenClock

    async def deliver(self, after: timedelta = timedelta()) -> int:
        self.real.instant += after
        return await self.job().deliver(self.server)

    def job(self) -> MailDelivery:
        return MailDelivery(self.desk.sessions, self.desk.clock, self.desk.policies, self.server, Letters(REGIONS, PORTAL), self.real)

    async def states(self) -> list[tuple[str, str | None, int]]:
        return [(row.state, row.reason, row.tries) for row in await self.desk.rows(MailRow)]


@pytest.fixture
def post(desk: Desk) -> Iterator[Post]:
    with mail_server() as (mailbox, server):
        yield Post(desk, mailbox, server, FrozenClock(REAL))
