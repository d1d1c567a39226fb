"""The secrets of an installation of containers: each container's folder has its own, and what reads a file knows its name."""

import json
import stat
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from typer.testing import CliRunner

from deploy.compose.installation import prepare
from deploy.compose.secrets import Files, Installation, environment_of, make_secrets, write_files
from deploy.embedded.data_directory import DataDirectory
from operations.cli.secrets import app
from portal.settings import Settings as PortalSettings
from services.people.settings import Settings as PeopleSettings
from services.vouchers.settings import Settings as VouchersSettings
from shared.kernel.services import DATABASES, SERVICES
from shared.runtime.settings import ServiceSettings

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)
INSTALLATION = Installation("grants.example.org", "id.example.org", "no-reply@example.org", "mail.example.org:25")
SIMULATED = Installation("triptych.localhost", "id.triptych.localhost", "no-reply@triptych.example", "mail:1025", 8443, True, 1)


@pytest.fixture(scope="module")
def made() -> Files:
    return dict(MappingProxyType(make_secrets(INSTALLATION, NOW)))


@pytest.fixture(scope="module")
def simulated() -> Files:
    return make_secrets(SIMULATED, NOW)


def in_folder(files: Files, folder: str) -> Files:
    return {name.removeprefix(f"{folder}/"): content for name, content in files.items() if name.startswith(f"{folder}/")}


def test_no_two_containers_share_a_password_or_key(made: Files) -> None:
    """But the key of hashes, which all services have (shared/runtime/settings.py)."""
    holders = defaultdict(set)
    for name, content in made.items():
        folder, _, file = name.partition("/")
        if folder != "operator" and (
            file.endswith((".key", "_password", "master_keys", "temporal_keys", "_signing_key", "_url")) or "PRIVATE" in content
        ):
            holders[content].add(folder)
    assert len(holders) > 25
    assert all(len(folders) == 1 for folders in holders.values())


def test_every_installation_has_other_secrets(made: Files) -> None:
    again = make_secrets(INSTALLATION, NOW)
    same = {name for name in made if made[name] == again[name]}
    assert same == {"people/triptych_providers"}


@pytest.mark.parametrize(
    ("folder", "settings"),
    [
        *((service, ServiceSettings) for service in SERVICES),
        ("people", PeopleSettings),
        ("vouchers", VouchersSettings),
        ("portal", PortalSettings),
    ],
)
def test_each_file_is_a_setting(made: Files, folder: str, settings: type) -> None:
    fields = {f"triptych_{name}" for name in {**ServiceSettings.model_fields, **settings.model_fields}}  # type: ignore[attr-defined]
    files = {name for name in in_folder(made, folder) if name.startswith("triptych_")}
    known = {"people": {"triptych_providers"}, "vouchers": {"triptych_temporal_keys"}}.get(folder, set())
    assert files
    assert files - known <= fields
    if settings is not ServiceSettings:
        assert files <= fields


def test_certificates_are_of_their_authority_and_for_their_name(made: Files) -> None:
    inside, clients = (x509.load_pem_x509_certificate(made[f"authority/{name}.pem"].encode()) for name in ("ca", "clients"))
    assert inside.issuer != clients.issuer
    edge = ["grants.example.org", "id.example.org"]
    names = {"postgres/server.pem": ["postgres"], "temporal/server.pem": ["temporal"], "caddy/certificate.pem": edge}
    for file, expected in names.items():
        certificate = x509.load_pem_x509_certificate(made[file].encode())
        certificate.verify_directly_issued_by(inside)
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert found.get_values_for_type(x509.DNSName) == expected
        assert certificate.not_valid_after_utc - NOW < timedelta(days=825), "longer ones are refused by browsers"
    for file in ("vouchers/temporal.pem", "operator/temporal.pem", "temporal-admin/client.pem", "temporal/system.pem"):
        certificate = x509.load_pem_x509_certificate(made[file].encode())
        certificate.verify_directly_issued_by(clients)
        assert list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert not any("PRIVATE KEY" in content for name, content in made.items() if name.startswith("authority/"))


def test_migrations_alone_are_the_owner(made: Files) -> None:
    for database in DATABASES:
        assert "_owner:" in made[f"{database}-owner/triptych_database_url"]
        assert "_owner:" not in "".join(in_folder(made, database).values())


def test_simulation_has_its_keys_in_a_simulated_programme_alone(made: Files, simulated: Files) -> None:
    assert {"bank", "mail"} <= {name.partition("/")[0] for name in simulated.keys() - made.keys()}
    assert len(json.loads(made["people/triptych_providers"])) == 1
    assert "operator/operator/provider.json" not in made


def test_environment_holds_no_secret(simulated: Files) -> None:
    values = environment_of(SIMULATED).values()
    assert not [name for name, content in simulated.items() if content in values]
    assert environment_of(INSTALLATION)["TRIPTYCH_ORIGIN"] == "https://grants.example.org"


def test_folder_is_the_owners_and_written_once(tmp_path: Path, made: Files) -> None:
    folder = tmp_path / "secrets"
    write_files(folder, made)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "vouchers/triptych_master_keys").stat().st_mode) == 0o444
    with pytest.raises(FileExistsError):
        write_files(folder, made)


def test_operator_finds_the_installation(tmp_path: Path, simulated: Files) -> None:
    write_files(tmp_path / "secrets", simulated)
    data = DataDirectory(tmp_path / "home")
    state = prepare(data, tmp_path / "secrets/operator/operator", Path("/programme/regions"))
    assert state.of_containers
    assert state.verify_url("payments", "postgresql").endswith("@postgres:5432/payments")
    assert (state.gateway, state.origins) == ("https://triptych.localhost:8443", ("https://triptych.localhost:8443",))
    assert state.policies == Path("/programme/regions")
    assert data.master_keys.exists()
    assert data.provider_key.exists()


def test_init_replaces_nothing(tmp_path: Path) -> None:
    arguments = ["init", str(tmp_path), "--host", "grants.example.org"]
    assert CliRunner().invoke(app, arguments).exit_code == 1, "people confirm their addresses by mail"
    assert CliRunner().invoke(app, [*arguments, "--demo"]).exit_code == 0
    kept = (tmp_path / "secrets/portal/triptych_database_url").read_text()
    assert CliRunner().invoke(app, [*arguments, "--demo"]).exit_code == 1
    assert (tmp_path / "secrets/portal/triptych_database_url").read_text() == kept
