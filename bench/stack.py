"""The real servers and processes of one benchmark. Each is started at its first use and stopped with the stack."""

import asyncio
import itertools
import json
import shutil
import tempfile
import threading
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import cached_property, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self, TypeVar
from uuid import UUID

import asyncpg
from joserfc.jwk import ECKey

from deploy.embedded.data_directory import REPOSITORY, DataDirectory
from deploy.embedded.databases import ROLES, create_database, create_roles, migrate
from deploy.embedded.identity import AUDIENCE, ISSUER, ensure_key
from deploy.embedded.kafka.server import Kafka
from deploy.embedded.ports import LOOPBACK, free_port
from deploy.embedded.program import Program
from deploy.embedded.servers import PostgreSQL, Server, Tansu, Temporal
from shared.database.sealing import Sealer
from shared.identity.actor import SYSTEM, Role
from shared.identity.revocations import RevocationList
from shared.kernel.ids import new_id
from shared.kernel.services import SERVICES, owner_of
from shared.messaging.envelope import Delivery
from shared.messaging.event import Event
from shared.messaging.profile import BrokerKind
from shared.messaging.signature import Signer, generate_private_key
from shared.messaging.signature import owner_of as signer_of
from tests.support.tokens import mint_token

BENCH_SEALER = Sealer([bytes(32)], bytes(32))
"""Of the keys in `Stack.environment`."""

T = TypeVar("T", bound=Server)
V = TypeVar("V")
PROGRAMME_NOW = "2025-12-20T09:00:00+00:00"
"""The sample calls are open at this instant."""


class Stack:
    """`quick`: small sizes, to check that a benchmark works. `notes`: paragraphs for its page. `baseline`: another checkout."""

    def __init__(self, quick: bool, baseline: Path | None = None) -> None:
        self.quick, self.notes = quick, list[str]()
        self._baseline = baseline
        self.signing_keys = {service: generate_private_key() for service in SERVICES}
        self.signers = {service: Signer(service, key) for service, key in self.signing_keys.items()}
        self.public_keys = {service: [signer.public_key] for service, signer in self.signers.items()}
        self.folder = Path(tempfile.mkdtemp(prefix="triptych-bench-"))
        self.data = DataDirectory(self.folder / "data")
        self._exit = AsyncExitStack()
        self._numbers = itertools.count(1)

    def pick(self, full: V, quick: V) -> V:
        return quick if self.quick else full

    @property
    def baseline(self) -> Path:
        """The checkout that this one is compared with. Raises SystemExit without one."""
        if self._baseline is None:
            raise SystemExit("This benchmark needs --baseline FOLDER: a checkout of the revision to compare with.")
        return self._baseline.resolve()

    async def __aenter__(self) -> Self:
        self._exit.callback(shutil.rmtree, self.folder, ignore_errors=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    def up(self, server: T, timeout: float = 60) -> T:
        """Starts a server and blocks until it is ready. In this thread: a process started by another thread ends with that thread."""
        server.start()
        self._exit.callback(server.stop)
        server.wait_ready(timeout)
        return server

    @cached_property
    def postgres(self) -> PostgreSQL:
        """With its default settings, fsync included."""
        return self.up(PostgreSQL(self.folder / "postgres"))

    @cached_property
    def temporal(self) -> Temporal:
        return self.up(Temporal(self.folder / "temporal"))

    @cached_property
    def tansu(self) -> Tansu:
        return self.up(Tansu(self.folder / "tansu"))

    @cached_property
    def kafka(self) -> Kafka:
        return self.up(Kafka(self.folder / "kafka"))

    def broker(self, kind: BrokerKind) -> str:
        """Returns the broker's bootstrap address."""
        return (self.kafka if kind is BrokerKind.KAFKA else self.tansu).address

    async def database(self, service: str, name: str = "") -> str:
        """Creates and migrates a database of the service. Returns its URL for the service's runtime role."""
        name = name or f"{service}_{next(self._numbers)}"
        admin = await asyncpg.connect(self.postgres.url("postgres", driver="postgresql"))
        await create_roles(admin, {role: role for role in ROLES})
        await create_database(admin, name, service)
        await admin.close()
        owner = owner_of(service)
        await asyncio.to_thread(migrate, service, self.postgres.url(name, owner, owner))
        return self.postgres.url(name, service, service)

    async def bare_database(self, service: str) -> str:
        """A database for a comparison, for its owner, who may create tables in it."""
        name = (await self.database(service)).rpartition("/")[2]
        return self.postgres.url(name, owner_of(service), owner_of(service))

    @cached_property
    def _key(self) -> ECKey:
        return ensure_key(self.data.private_key, self.data.jwks)

    @cached_property
    def jwks_url(self) -> str:
        self._key.ensure_kid()  # creates the key file before the first request
        self.data.jwks.with_name("revocations.json").write_text(RevocationList(tokens={}, persons={}).model_dump_json())
        server = ThreadingHTTPServer((LOOPBACK, 0), partial(_Quiet, directory=str(self.data.public)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._exit.callback(server.shutdown)
        return f"http://{LOOPBACK}:{server.server_port}/.well-known/jwks.json"

    def token(self, subject: str, role: Role, regions: list[str], organisation: UUID | None = None) -> str:
        return mint_token(self._key, subject=subject, roles=[role], regions=regions, organisation=organisation)

    def run(self, module: str, environment: Mapping[str, str], *arguments: str) -> Program:
        """Starts one of our modules as a process and waits until it is healthy."""
        program = _WithArguments(f"{module}-{next(self._numbers)}", module, self.data, port=free_port(), environment=lambda: environment)
        program.arguments = arguments
        return self.up(program)

    def delivery(self, event: Event, at: datetime) -> Delivery:
        """The event as a broker delivers it, signed by its service."""
        identity = {"ce_id": new_id(), "ce_subject": event.key, "ce_correlationid": event.correlation_id}
        headers = {"ce_type": event.type, "ce_time": at.isoformat(), "ce_actor": SYSTEM.id}
        headers |= {name: str(value) for name, value in identity.items()}
        key, body = str(event.key).encode(), event.model_dump_json().encode()
        return Delivery(event.topic, key, self.signers[signer_of(event.topic)].signed(event.topic, key, headers, body), body)

    def environment(self, database_url: str, broker: BrokerKind | None = None, service: str = "applications") -> dict[str, str]:
        """Returns the environment variables of a process of `service`. `broker` None: for processes that never connect to one."""
        return {
            "TRIPTYCH_DATABASE_URL": database_url,
            "TRIPTYCH_KAFKA": self.broker(broker) if broker else f"{LOOPBACK}:1",
            "TRIPTYCH_BROKER": broker or BrokerKind.KAFKA,
            "TRIPTYCH_JWKS_URL": self.jwks_url,
            "TRIPTYCH_REVOCATIONS_URL": self.jwks_url.replace("jwks", "revocations"),
            "TRIPTYCH_ISSUER": ISSUER,
            "TRIPTYCH_AUDIENCE": AUDIENCE,
            "TRIPTYCH_HASH_KEY": "00" * 32,
            "TRIPTYCH_EVENT_SIGNING_KEY": self.signing_keys[service],
            "TRIPTYCH_EVENT_PUBLIC_KEYS": json.dumps(self.public_keys),
            "TRIPTYCH_REGIONS": str(REPOSITORY / "regions"),
            "TRIPTYCH_CALLS_IN_ONE_STEP": "true",  # as the embedded platform
            "TRIPTYCH_MASTER_KEYS": "00" * 32,
            "TRIPTYCH_ANCHORS": str(self.folder / "anchors"),
            "TRIPTYCH_FILES": (self.folder / "files").as_uri(),
            "TRIPTYCH_CLOCK_REAL": f"{self._real_now}",
            "TRIPTYCH_CLOCK_PROGRAMME": PROGRAMME_NOW,
            **{f"TRIPTYCH_{client}_PER_SECOND": "1000000" for client in ("ADDRESS", "ACCOUNT")},  # the load comes from one address
        }

    @cached_property
    def _real_now(self) -> str:
        return datetime.now(UTC).isoformat()


class _WithArguments(Program):
    arguments: tuple[str, ...] = ()

    def command(self) -> list[str]:
        return [*super().command(), *self.arguments]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...
