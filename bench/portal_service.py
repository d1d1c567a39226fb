"""The portal under load: its processes, each with a process of the applications service, `people`, which knows who asks, and `vouchers`,
which the home page asks too."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from joserfc.jwk import KeySet, RSAKey
from stdnum.iso7064 import mod_11_10

from bench.applications_service import Applicant, ApplicationsService
from bench.load import Client
from bench.stack import Stack
from deploy.embedded.ports import LOOPBACK
from operations.client import Person
from portal.sessions.cookies import SESSION
from portal.sessions.store import Session, Store
from portal.sessions.tokens import EXCHANGE, PATH, Issued
from portal.sessions.vault import form_token
from shared.database import create_engine, sessions_of
from shared.identity.tokens import AGENCY_LIFETIME_SECONDS
from shared.kernel.ids import new_id
from simulation.provider.proofs import DemonstrationProofs

ISSUER, CLIENT = f"http://{LOOPBACK}/provider", "portal"
"""Of a provider that never runs: its sign-ins are signed here, and `people` reads its public key from a file."""
NOBODY = 1
"""The port of a service that no page here asks."""
TEMPORAL = {"TRIPTYCH_TEMPORAL": f"{LOOPBACK}:{NOBODY}", "TRIPTYCH_TEMPORAL_NAMESPACE": "default", "TRIPTYCH_TEMPORAL_KEYS": "00" * 32}
"""Not connected to: a list of vouchers is read from their rows."""
FORM = {"content-type": "application/x-www-form-urlencoded"}
_SIZE = {"staff": 4, "turnover_minor": 12_000_000, "balance_minor": 5_000_000, "currency": "EUR", "year": 2025}
_SEAT = {"street": "Sample Street 1", "postcode": "48000", "town": "Koprivnica", "country": "HR"}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in at the portal, for an organisation or with roles of the agency. `token`: of the same person for the APIs."""

    cookie: str
    token: str
    organisation: UUID | None

    @property
    def headers(self) -> dict[str, str]:
        return {"cookie": f"{SESSION}={self.cookie}", "accept-language": "en"}

    @property
    def form_token(self) -> str:
        return form_token(self.cookie)


class PortalService:
    """`ports`: of its processes."""

    def __init__(self, ports: list[int], people: Client, proofs: DemonstrationProofs, store: Store) -> None:
        self.ports, self._people, self._proofs, self._store = ports, people, proofs, store

    @classmethod
    async def open(cls, service: ApplicationsService) -> Self:
        """A process of the portal for each process of the applications service; `vouchers` is empty."""
        environment = service.stack.environment(await service.stack.database("vouchers"), service="vouchers")
        vouchers = service.stack.run("services.vouchers.serve", environment | TEMPORAL).port
        others = {"vouchers": vouchers, "evaluation": NOBODY, "payments": NOBODY}
        return await cls.before(service.stack, [{"applications": port, **others} for port in service.ports])

    @classmethod
    async def before(cls, stack: Stack, services: Sequence[Mapping[str, int]]) -> Self:
        """Starts `people` once, and a process of the portal for each of `services`, which are ports by name, all but that of `people`."""
        key, public = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True), stack.folder / "provider.json"
        public.write_text(json.dumps(KeySet([key]).as_dict(private=False)))
        provider = {"issuer": ISSUER, "clients": [CLIENT], "jwks_url": public.as_uri()}
        environment = stack.environment(await stack.database("people"), service="people")
        keys = {"TRIPTYCH_TOKEN_KEY": str(stack.data.private_key), "TRIPTYCH_PROVIDERS": json.dumps([provider])}
        people = stack.run("services.people.serve", environment | keys).port
        url = await stack.database("portal")
        ports = [stack.run("portal.serve", stack.environment(url) | _settings({"people": people, **others})).port for others in services]
        store = Store(sessions_of(create_engine(url)), lambda: datetime.now(UTC))
        return cls(ports, Client(people), DemonstrationProofs(ISSUER, CLIENT, key, {}), store)

    async def visitor(self) -> Visitor:
        """A person who has registered an organisation, by the ways that a browser goes: everything the portal asks of `people` is true."""
        issued = await self._tokens({**EXCHANGE, "subject_token": self._proofs.of(Person(str(new_id())))})
        registered = await self._people.ask("POST", "/api/people/organisations", issued.access_token, _organisation())
        organisation = UUID(registered["id"])
        asked = {"grant_type": "refresh_token", "refresh_token": issued.refresh_token, "organisation": str(organisation)}
        token = (await self._tokens(asked)).access_token
        return await self._signed_in(token, issued.refresh_token, issued.sign_in_id, organisation)

    async def visit(self, applicant: Applicant) -> Visitor:
        """A session of an applicant of whom `people` knows nothing, which no page of an application asks."""
        return await self._signed_in(applicant.token, "", new_id(), new_id())

    async def visit_as(self, person_id: UUID, token: str) -> Visitor:
        """A session of somebody of the agency, whose token says in which roles."""
        return await self._signed_in(token, "", new_id(), None, person_id)

    async def _signed_in(
        self, token: str, renewal: str, sign_in_id: UUID, organisation: UUID | None, person_id: UUID | None = None
    ) -> Visitor:
        """The access token is not renewed while the benchmark runs."""
        session = Session(
            person_id=person_id or new_id(), sign_in_id=sign_in_id, name="Sample Person", renewal=renewal, id_token="", access=token,
            access_until=time.time() + AGENCY_LIFETIME_SECONDS, organisation=organisation,
        )  # fmt: skip
        return Visitor(await self._store.begin(session), token, organisation)

    async def _tokens(self, form: dict[str, str]) -> Issued:
        answer = await self._people.send("POST", PATH, FORM, urlencode(form).encode())
        assert answer.status == 200, answer.content.decode()
        return Issued.model_validate_json(answer.content)


def _settings(services: dict[str, int]) -> dict[str, str]:
    return {
        "TRIPTYCH_SERVICES": json.dumps({name: f"http://{LOOPBACK}:{port}" for name, port in services.items()}),
        "TRIPTYCH_PROVIDER": json.dumps({"issuer": ISSUER, "client": CLIENT}),
        "TRIPTYCH_ORIGINS": json.dumps([f"http://{LOOPBACK}"]),
    }


def _organisation() -> dict[str, Any]:
    digits = f"{new_id().int % 10**10:010}"
    number = digits + str(mod_11_10.calc_check_digit(digits))
    place = {"nuts": "HR063", "activity_code": "74.10"}
    return {"country": "HR", "tax_number": number, "name": "Sample Studio", "seat": _SEAT, "size": _SIZE, **place}
