"""New keys and certificates for an installation of containers that is there: which of its files change, and to what.

Each function is given all files (`deploy.compose.secrets.Files`) and returns those that differ. A process reads its files when it starts:
docs/operations/containers.md says what has to stand still meanwhile.
"""

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from deploy.compose.secrets import SERVERS_AUTHORITY, Files, Installation, make_secrets
from deploy.embedded.master_keys import TEMPORAL
from shared.kernel.services import SERVICES
from shared.messaging.signature import Signer, generate_private_key

CERTIFICATES = frozenset({
    "ca.pem", "trust.pem", "clients.pem", "server.pem", "server.key", "system.pem", "system.key", "kafka-store", "temporal.pem",
    "temporal.key", "client.pem", "client.key",
})  # fmt: skip
_STATE, _MASTERS = "operator/operator/state.json", "operator/operator/keys.json"


def read_files(folder: Path) -> Files:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def write_changes(folder: Path, changes: Files) -> None:
    """Each file in one step, readable as `write_files` leaves it."""
    for name, content in changes.items():
        unfinished = folder / f"{name}.new"
        unfinished.unlink(missing_ok=True)
        unfinished.write_text(content)
        unfinished.chmod(0o444)
        unfinished.replace(folder / name)


def renewed_certificates(files: Files, installation: Installation, now: datetime) -> Files:
    """Two new authorities, and all that they sign. The gateway's certificate only if it is of the installation's own authority."""
    made = make_secrets(replace(installation, simulated="mail/server.pem" in files), now)
    ours = _is_of_our_authority(files["caddy/certificate.pem"])
    return {
        name: content
        for name, content in made.items()
        if name in files and (name.rpartition("/")[2] in CERTIFICATES or (ours and name.startswith("caddy/")))
    }


def rotated_events(files: Files, services: Collection[str]) -> Files:
    """A new key for the events of each of these services; the former ones are still accepted."""
    state = json.loads(files[_STATE])
    changes: Files = {}
    for service in services:
        key = generate_private_key()
        changes[f"{service}/triptych_event_signing_key"] = state["signing_keys"][service] = key
        state["event_public_keys"][service] = [*state["event_public_keys"][service], Signer(service, key).public_key]
    return changes | _public(state)


def retired_events(files: Files, services: Collection[str]) -> Files:
    """Of each of these services only the present key is accepted."""
    state = json.loads(files[_STATE])
    state["event_public_keys"] |= {service: state["event_public_keys"][service][-1:] for service in services}
    return _public(state)


def _public(state: dict[str, object]) -> Files:
    accepted = json.dumps(state["event_public_keys"])
    return {f"{service}/triptych_event_public_keys": accepted for service in SERVICES} | {_STATE: json.dumps(state, indent=1)}


def rotated_masters(files: Files) -> Files:
    """A new master key before the others, for each service and for the payloads of Temporal."""
    return _masters({holder: [secrets.token_hex(32), *keys] for holder, keys in json.loads(files[_MASTERS]).items()})


def retired_masters(files: Files) -> Files:
    """The present master keys alone; those of Temporal stay, since what was written with them stays, too."""
    kept = json.loads(files[_MASTERS])
    return _masters({holder: keys if holder == TEMPORAL else keys[:1] for holder, keys in kept.items()})


def _masters(keys: Mapping[str, list[str]]) -> Files:
    of_services = {f"{service}/triptych_master_keys": ",".join(keys[service]) for service in SERVICES}
    return of_services | {"vouchers/triptych_temporal_keys": ",".join(keys[TEMPORAL]), _MASTERS: json.dumps(keys)}


def _is_of_our_authority(certificate: str) -> bool:
    names = x509.load_pem_x509_certificate(certificate.encode()).issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return [name.value for name in names] == [SERVERS_AUTHORITY]
