"""New keys and certificates of an installation: both sides of a connection, or of an event, know the new ones; nothing else changes."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from deploy.compose.certificates import Authority
from deploy.compose.rotation import (
    read_files,
    renewed_certificates,
    retired_events,
    retired_masters,
    rotated_events,
    rotated_masters,
    write_changes,
)
from deploy.compose.secrets import Files, Installation, make_secrets, write_files
from shared.kernel.services import SERVICES
from shared.messaging.signature import Signer

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)
LATER = NOW + timedelta(days=800)
INSTALLATION = Installation("grants.example.org", "id.example.org", "no-reply@example.org", "mail.example.org:25")
STATE, MASTERS = "operator/operator/state.json", "operator/operator/keys.json"


@pytest.fixture(scope="module")
def made() -> Files:
    return make_secrets(INSTALLATION, NOW)


def test_certificates_are_renewed_on_both_sides(made: Files) -> None:
    changes = renewed_certificates(made, INSTALLATION, LATER)
    after = made | changes
    signed = {"ca": ("postgres/server.pem", "temporal/server.pem", "caddy/certificate.pem"), "clients": ("vouchers/temporal.pem",)}
    for authority, names in signed.items():
        signer = x509.load_pem_x509_certificate(after[f"authority/{authority}.pem"].encode())
        for name in names:
            certificate = x509.load_pem_x509_certificate(after[name].encode())
            certificate.verify_directly_issued_by(signer)
            assert certificate.not_valid_after_utc > LATER + timedelta(days=800)
    assert {content for name, content in after.items() if name.endswith("/ca.pem")} == {after["authority/ca.pem"]}
    assert not [name for name in changes if "password" in name or name.endswith((".json", "_url", ".env", "_keys"))]
    assert not [name for name, content in made.items() if name.endswith((".pem", "kafka-store")) and after[name] == content]


def test_certificate_of_another_authority_stays(made: Files) -> None:
    """One that browsers trust is not replaced by one that they do not."""
    bought = Authority.new("Another", NOW).sign(["grants.example.org"])
    files = made | {"caddy/certificate.pem": bought.certificate, "caddy/key.pem": bought.key}
    assert not [name for name in renewed_certificates(files, INSTALLATION, LATER) if name.startswith("caddy/")]


def test_both_keys_of_events_count_until_one_is_withdrawn(made: Files) -> None:
    rotated = made | rotated_events(made, ["payments"])
    key = rotated["payments/triptych_event_signing_key"]
    present, former = Signer("payments", key).public_key, json.loads(made[STATE])["event_public_keys"]["payments"]
    retired = rotated | retired_events(rotated, ["payments"])
    for files, accepted in ((rotated, [*former, present]), (retired, [present])):
        known = [json.loads(files[f"{service}/triptych_event_public_keys"]) for service in SERVICES]
        known.append(json.loads(files[STATE])["event_public_keys"])
        assert all(keys["payments"] == accepted for keys in known)
        assert json.loads(files[STATE])["signing_keys"]["payments"] == key
    assert rotated["people/triptych_event_signing_key"] == made["people/triptych_event_signing_key"]


def test_former_master_key_opens_until_it_is_removed(made: Files) -> None:
    rotated = made | rotated_masters(made)
    retired = rotated | retired_masters(rotated)
    for service in SERVICES:
        former, file = made[f"{service}/triptych_master_keys"], f"{service}/triptych_master_keys"
        present, kept = rotated[file].split(",")
        assert (kept, retired[file]) == (former, present)
        assert present != former
        assert json.loads(rotated[MASTERS])[service] == [present, former]
    assert retired["vouchers/triptych_temporal_keys"] == rotated["vouchers/triptych_temporal_keys"]


def test_changed_files_are_readable_as_before(tmp_path: Path, made: Files) -> None:
    write_files(tmp_path / "secrets", made)
    changes = rotated_masters(read_files(tmp_path / "secrets"))
    write_changes(tmp_path / "secrets", changes)
    assert read_files(tmp_path / "secrets") == made | changes
    assert stat.S_IMODE((tmp_path / "secrets" / MASTERS).stat().st_mode) == 0o444
