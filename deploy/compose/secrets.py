"""The secrets of an installation of containers, made once: a folder for each container, which is all that it is given.

Nothing has a default. A file is named as the setting that reads it (`shared/runtime/settings.py`), or as the server wants it. The folder is
its owner's alone (0700); within it every file can be read, because each server of the installation runs as a user of its own, and a
container sees the files that are mounted in it and no others.
"""

import json
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import certifi
from joserfc.jwk import Key, KeySet, RSAKey

from deploy.compose.certificates import Authority
from deploy.embedded.databases import ROLES
from deploy.embedded.identity import AUDIENCE, generate_key, public_keys
from deploy.embedded.master_keys import TEMPORAL
from deploy.embedded.state import COMMAND_LINE, PORTAL, SUPERUSER, State
from shared.identity.signatures import generate_signing_key
from shared.kernel.services import SERVICES, owner_of
from shared.messaging.profile import BrokerKind
from shared.messaging.signature import Signer, generate_private_key

ENGINES = ("temporal", "keycloak")
"""Who has databases beside the platform's own."""
SERVERS_AUTHORITY = "Triptych: servers of this installation"
MOUNTED = "/run/secrets"
SIMULATED = "triptych-demonstration"
"""The issuer of the sign-ins of a simulated programme's people."""
Files = dict[str, str]
"""Path below the folder of secrets → content."""


@dataclass(frozen=True)
class Installation:
    """`host`, `provider_host`: under which people reach the pages, and the sign-in. `port`: of both. `smtp`: host:port of the mail server.

    `simulated`: a programme that is played, with a simulated bank and mailbox. `day_seconds`: of its day.
    """

    host: str
    provider_host: str
    mail_from: str
    smtp: str
    port: int = 443
    simulated: bool = False
    day_seconds: int = 86_400

    def origin(self, host: str) -> str:
        return f"https://{host}" + (f":{self.port}" if self.port != 443 else "")

    @property
    def issuer(self) -> str:
        """Of the realm in Keycloak."""
        return f"{self.origin(self.provider_host)}/realms/triptych"


def make_secrets(installation: Installation, now: datetime) -> Files:
    """All files of a new installation. Every call makes other secrets."""
    passwords = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, *ROLES, *ENGINES)}
    kafka = {service: secrets.token_hex(24) for service in SERVICES}
    signing = {service: generate_private_key() for service in SERVICES}
    public = {service: (Signer(service, key).public_key,) for service, key in signing.items()}
    masters = {holder: (secrets.token_hex(32),) for holder in (*SERVICES, TEMPORAL)}
    hash_key, provider_secret, token_key = secrets.token_hex(32), secrets.token_urlsafe(32), generate_key()
    inside = Authority.new(SERVERS_AUTHORITY, now)
    clients = Authority.new("Triptych: clients of Temporal", now)
    ours, banks, simulated = generate_signing_key(), generate_signing_key(), _provider_key()
    trust = f"{inside.pem}{Path(certifi.where()).read_text()}"
    made: Files = {"authority/ca.pem": inside.pem, "authority/clients.pem": clients.pem}
    for service in SERVICES:
        made |= _in(service, {
            "triptych_database_url": database_url(service, service, passwords),
            "triptych_kafka_password": kafka[service],
            "triptych_event_signing_key": signing[service],
            "triptych_event_public_keys": json.dumps(public),
            "triptych_hash_key": hash_key,
            "triptych_master_keys": ",".join(masters[service]),
            "ca.pem": inside.pem,
            "trust.pem": trust,
            "jwks.json": public_keys(token_key),
        })  # fmt: skip
    for database in (*SERVICES, PORTAL_DATABASE):
        owner = owner_of(database)
        made |= _in(f"{database}-owner", {"triptych_database_url": database_url(database, owner, passwords)})
    client = clients.sign(["vouchers"], client=True)
    made |= _in("vouchers", {
        "triptych_temporal_keys": ",".join(masters[TEMPORAL]), "temporal.pem": client.certificate, "temporal.key": client.key,
    })  # fmt: skip
    made["people/triptych_providers"] = json.dumps(_providers(installation))
    made["people-signing/token_key.json"] = json.dumps(token_key.as_dict(private=True))
    made["payments/bank_keys.json"] = _public(banks)
    made["payments-signing/bank_signing_key.json"] = _private(ours)
    made |= _in("portal", {
        "triptych_database_url": database_url(PORTAL_DATABASE, PORTAL_DATABASE, passwords),
        "triptych_provider": json.dumps({"issuer": installation.issuer, "client": PORTAL, "secret": provider_secret}),
        "ca.pem": inside.pem,
        "trust.pem": trust,
    })  # fmt: skip
    made |= _servers(installation, inside, clients, passwords, kafka, provider_secret)
    state = _operators_state(installation, passwords, signing, public, hash_key, now)
    operator = clients.sign(["operator"], client=True)
    made |= _in("operator", {
        "operator/state.json": state.model_dump_json(indent=1),
        "operator/keys.json": json.dumps(masters),
        "operator/platform.jwks.json": _public(ours),
        "ca.pem": inside.pem,
        "trust.pem": trust,
        "temporal.pem": operator.certificate,
        "temporal.key": operator.key,
    })  # fmt: skip
    if installation.simulated:
        made["people/simulated.jwks.json"] = json.dumps(KeySet([simulated]).as_dict(private=False))
        made["operator/operator/provider.json"] = json.dumps(simulated.as_dict(private=True))
        mail = inside.sign(["mail"])
        made |= _in("mail", {"server.pem": mail.certificate, "server.key": mail.key})
        made |= _in("bank", {"bank.json": _private(banks), "platform.jwks.json": _public(ours)})
    return made


PORTAL_DATABASE = "portal"


def _provider_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)


def _in(folder: str, files: Mapping[str, str]) -> Files:
    return {f"{folder}/{name}": content for name, content in files.items()}


def database_url(database: str, role: str, passwords: Mapping[str, str]) -> str:
    """TLS, and which authority, say PGSSLMODE and PGSSLROOTCERT in the environment."""
    return f"postgresql+asyncpg://{role}:{passwords[role]}@postgres:5432/{database}"


def _private(key: Key) -> str:
    return json.dumps(key.as_dict(private=True))


def _public(key: Key) -> str:
    return json.dumps(KeySet([key]).as_dict(private=False))


def _providers(installation: Installation) -> list[dict[str, object]]:
    """Whose sign-ins `people` believes. The simulated people of a simulated programme sign in without a browser."""
    keys = f"{installation.issuer}/protocol/openid-connect/certs"
    real: dict[str, object] = {"issuer": installation.issuer, "clients": [PORTAL], "jwks_url": keys, "command_line": COMMAND_LINE}
    simulated: dict[str, object] = {"issuer": SIMULATED, "clients": [PORTAL], "jwks_url": f"file://{MOUNTED}/simulated.jwks.json"}
    return [real, simulated] if installation.simulated else [real]


def _servers(
    installation: Installation,
    inside: Authority,
    clients: Authority,
    passwords: Mapping[str, str],
    kafka: Mapping[str, str],
    provider_secret: str,
) -> Files:
    """What the servers that are not ours are given: passwords as lines of a shell, certificates as PEM."""
    made: Files = {}
    for name in ("postgres", "temporal"):
        pair = inside.sign([name])
        made |= _in(name, {"server.pem": pair.certificate, "server.key": pair.key, "ca.pem": inside.pem})
    made["postgres/password"] = passwords[SUPERUSER]
    roles = {f"{role.upper()}_PASSWORD": password for role, password in passwords.items() if role != SUPERUSER}
    made |= _in("postgres-roles", {"secrets.env": _lines({"PGPASSWORD": passwords[SUPERUSER], **roles}), "ca.pem": inside.pem})
    broker = inside.sign(["kafka"])
    made["kafka/kafka-store"] = broker.key + broker.certificate
    users = {f"{service.upper()}_KAFKA_PASSWORD": password for service, password in kafka.items()}
    made["kafka-principals/secrets.env"] = _lines(users)
    made |= _in("temporal", {"secrets.env": _lines({"SQL_PASSWORD": passwords["temporal"]}), "clients.pem": clients.pem})
    system = clients.sign(["temporal-system"], client=True)
    made |= _in("temporal", {"system.pem": system.certificate, "system.key": system.key})
    admin = clients.sign(["temporal-admin"], client=True)
    made |= _in("temporal-admin", {
        "secrets.env": _lines({"SQL_PASSWORD": passwords["temporal"]}),
        "ca.pem": inside.pem,
        "client.pem": admin.certificate,
        "client.key": admin.key,
    })  # fmt: skip
    administrator = {"KC_BOOTSTRAP_ADMIN_PASSWORD": secrets.token_urlsafe(24), "KC_DB_PASSWORD": passwords["keycloak"]}
    made |= _in("keycloak", {
        "secrets.env": _lines({**administrator, "TRIPTYCH_PROVIDER_SECRET": provider_secret, "TRIPTYCH_SMTP_PASSWORD": ""}),
        "ca.pem": inside.pem,
    })  # fmt: skip
    edge = inside.sign([installation.host, installation.provider_host])
    return made | _in("caddy", {"certificate.pem": edge.certificate, "key.pem": edge.key})


def _lines(variables: Mapping[str, str]) -> str:
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items())


def _operators_state(
    installation: Installation,
    passwords: Mapping[str, str],
    signing: Mapping[str, str],
    public: Mapping[str, tuple[str, ...]],
    hash_key: str,
    now: datetime,
) -> State:
    """What the operator's commands know of the installation. The clock of a simulated programme is read when a command starts."""
    real = datetime(1970, 1, 1, tzinfo=UTC)
    return State(
        clock_real=now if installation.simulated else real,
        clock_programme=now if installation.simulated else real,
        day_seconds=installation.day_seconds,
        hash_key=hash_key,
        signing_key=secrets.token_hex(32),
        master_keys_made=True,
        passwords={role: passwords[role] for role in (SUPERUSER, *ROLES)},
        signing_keys=dict(signing),
        event_public_keys=dict(public),
        ports={},
        broker=BrokerKind.KAFKA,
        addresses={"postgres": "postgres:5432", "temporal": "temporal:7233", "broker": "kafka:9092"},
        origin=installation.origin(installation.host),
        issuer=SIMULATED if installation.simulated else installation.issuer,
        trusted=Path(MOUNTED) / "trust.pem",
        temporal_client=Path(MOUNTED),
    )


def environment_of(installation: Installation) -> dict[str, str]:
    """What `docker compose` reads beside the compose file (.env). Nothing in it is a secret."""
    chosen = {
        "TRIPTYCH_PORTAL_HOST": installation.host,
        "TRIPTYCH_PROVIDER_HOST": installation.provider_host,
        "TRIPTYCH_PUBLIC_PORT": str(installation.port),
        "TRIPTYCH_ORIGIN": installation.origin(installation.host),
        "TRIPTYCH_PROVIDER_ORIGIN": installation.origin(installation.provider_host),
        "TRIPTYCH_AUDIENCE": AUDIENCE,
        "TRIPTYCH_SMTP": installation.smtp,
        "TRIPTYCH_MAIL_FROM": installation.mail_from,
    }
    if installation.simulated:
        chosen |= {
            "COMPOSE_PROFILES": "demo",
            "TRIPTYCH_REGIONS": "/programme/regions",
            "TRIPTYCH_CALLS_IN_ONE_STEP": "true",  # one person plays all officers of the demonstration
            "TRIPTYCH_DEMONSTRATION": "/programme/people.json",
            "TRIPTYCH_REALM_PEOPLE": "true",
        }
    return chosen


def write_files(folder: Path, files: Files) -> None:
    """Writes a new folder of secrets, whole or not at all. FileExistsError for one that is there."""
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    unfinished.mkdir(mode=0o700, parents=True)
    for name, content in files.items():
        path = unfinished / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(0o444)
    for path in unfinished.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
    if folder.exists():
        raise FileExistsError(folder)
    unfinished.rename(folder)
