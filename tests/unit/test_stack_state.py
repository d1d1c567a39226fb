"""The state of the embedded platform and the environment of its processes."""

import json
import shutil
import socket
import stat
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from deploy.embedded import composition, ports
from deploy.embedded.composition import compact_environment, discard_replaced_broker, environment
from deploy.embedded.data_directory import REGIONS, REPOSITORY, DataDirectory
from deploy.embedded.ports import LOOPBACK, free_port, is_free
from deploy.embedded.process import ProcessFailed
from deploy.embedded.process_status import PlatformStatus, ProcessHandle
from deploy.embedded.program import Program
from deploy.embedded.programs import workers_of
from deploy.embedded.state import NO_TLS, StartOptions, State, load_state, prepare_state, read_state, retire_keys, rotate_keys
from shared.kernel.services import DATABASES, SERVICES
from shared.messaging.profile import BrokerKind
from shared.runtime.settings import ServiceSettings
from tests.support.certificates import write_certificate

NAMES = ("postgres", "temporal", "temporal-ui", "caddy", "provider", "mailbox-smtp", *DATABASES)


@pytest.fixture
def data(tmp_path: Path) -> DataDirectory:
    return DataDirectory(tmp_path / "data")


def test_before_the_first_start_there_is_no_state(data: DataDirectory) -> None:
    assert load_state(data) is None


def test_secrets_and_clock_survive_a_restart(data: DataDirectory) -> None:
    first = prepare_state(data, NAMES)
    assert prepare_state(data, NAMES) == first == load_state(data)


def test_programme_clock_is_set_at_the_first_start_only(data: DataDirectory) -> None:
    asked = StartOptions(day_seconds=86_400, programme_date=date(2025, 12, 20))
    first = prepare_state(data, NAMES, asked)
    assert (first.day_seconds, first.clock_programme) == (86_400, datetime(2025, 12, 20, tzinfo=UTC))
    assert prepare_state(data, NAMES, asked) == prepare_state(data, NAMES) == first
    for other in (StartOptions(day_seconds=1), StartOptions(programme_date=date(2026, 1, 1))):
        with pytest.raises(ProcessFailed, match="set at the first start"):
            prepare_state(data, NAMES, other)


def test_state_of_an_earlier_version_is_read(data: DataDirectory) -> None:
    """Versions before port overrides wrote them as `links`."""
    earlier = prepare_state(data, NAMES, StartOptions(port_overrides={"postgres": 4711})).model_dump(mode="json")
    earlier["links"] = earlier.pop("port_overrides")
    data.state_file.write_text(json.dumps(earlier))
    state = read_state(data)
    assert state.port_overrides == {"postgres": 4711}
    assert prepare_state(data, NAMES) == state
    assert "links" not in data.state_file.read_text()


def test_status_file_of_an_earlier_version_is_read(data: DataDirectory) -> None:
    """The next supervisor ends the processes that an earlier version left."""
    mark = {"pid": 4711, "created": 1.5}
    earlier = {
        "supervisor": mark,
        "phase": "ready",
        "doing": "",
        "entries": [{"name": "caddy", "port": 8080, "state": "ready", "mark": mark}],
    }
    data.root.mkdir()
    data.status_file.write_text(json.dumps(earlier))
    status = PlatformStatus.read(data.status_file)
    assert status is not None
    assert [(process.name, process.handle) for process in status.processes] == [("caddy", ProcessHandle.model_validate(mark))]


def test_only_the_owner_can_read_the_state(data: DataDirectory) -> None:
    prepare_state(data, NAMES)
    assert stat.S_IMODE(data.state_file.stat().st_mode) == 0o600


def test_clock_starts_on_1_december_with_a_day_per_second(data: DataDirectory) -> None:
    state = prepare_state(data, NAMES)
    assert state.clock.at(state.clock_real) == datetime(2025, 12, 1, tzinfo=UTC)
    assert state.clock.at(state.clock_real + timedelta(seconds=31)) == datetime(2026, 1, 1, tzinfo=UTC)


def test_length_of_a_day_is_set_at_the_first_start(data: DataDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPTYCH_DAY_SECONDS", "7")
    prepare_state(data, NAMES)
    monkeypatch.setenv("TRIPTYCH_DAY_SECONDS", "9")
    assert prepare_state(data, NAMES).day_seconds == 7


def test_ports_differ_and_stay_unless_taken(data: DataDirectory) -> None:
    first = prepare_state(data, NAMES).ports
    assert len(set(first.values())) == len({*NAMES, "broker"})
    with socket.create_server((LOOPBACK, first["broker"])):
        assert not is_free(first["broker"])
        second = prepare_state(data, NAMES).ports
    assert second["broker"] != first["broker"]
    assert second["postgres"] == first["postgres"]


def test_two_platforms_that_start_at_once_get_different_ports(data: DataDirectory, tmp_path: Path) -> None:
    claimed = prepare_state(data, NAMES).ports  # nothing listens yet
    other = DataDirectory(tmp_path / "other")
    shutil.copytree(data.root, other.root)
    script = (
        f"from pathlib import Path; from deploy.embedded.data_directory import DataDirectory as D; "
        f"from deploy.embedded.state import prepare_state; prepare_state(D(Path({str(other.root)!r})), {NAMES!r})"
    )
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True)
    elsewhere = read_state(other)
    assert not set(elsewhere.ports.values()) & set(claimed.values())


def test_free_port_is_never_returned_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_RANGE", (15_000, 15_200))
    returned = [free_port() for _ in range(50)]
    assert len(set(returned)) == 50


def test_chosen_gateway_port_is_used(data: DataDirectory) -> None:
    assert prepare_state(data, NAMES, StartOptions(gateway_port=4711)).gateway == "http://127.0.0.1:4711"


def test_temporal_pages_are_off_until_asked_for(data: DataDirectory) -> None:
    assert prepare_state(data, NAMES).temporal_pages_address is None
    address = prepare_state(data, NAMES, StartOptions(temporal_pages=True)).temporal_pages_address
    assert address == prepare_state(data, NAMES).temporal_pages_address is not None
    assert prepare_state(data, NAMES, StartOptions(temporal_pages=False)).temporal_pages_address is None


def test_port_overrides_change_what_clients_use(data: DataDirectory) -> None:
    before = prepare_state(data, NAMES)
    prepare_state(data, NAMES, StartOptions(port_overrides={"postgres": 4711, "broker": 4712, "temporal": 4713, "caddy": 4714}))
    state = prepare_state(data, NAMES)  # the next start keeps them
    assert state.ports == before.ports
    assert "@127.0.0.1:4711/payments" in state.database_url("payments")
    assert "@127.0.0.1:4711/payments" in state.verify_url("payments")
    assert (state.kafka, state.temporal, state.gateway) == ("127.0.0.1:4712", "127.0.0.1:4713", "http://127.0.0.1:4714")
    assert prepare_state(data, NAMES, StartOptions(port_overrides={})).kafka == before.kafka


def test_port_override_without_a_server_behind_it_is_refused(data: DataDirectory) -> None:
    with pytest.raises(ProcessFailed, match="postgers"):
        prepare_state(data, NAMES, StartOptions(port_overrides={"postgers": 4711}))
    port = prepare_state(data, NAMES, StartOptions(port_overrides={"postgres": 4711})).ports["postgres"]
    with socket.create_server((LOOPBACK, port)), pytest.raises(ProcessFailed, match=f"{port} of postgres"):
        prepare_state(data, NAMES)


def test_policy_folder_is_kept_and_passed_to_processes(data: DataDirectory, tmp_path: Path) -> None:
    assert prepare_state(data, NAMES).policies == REGIONS
    prepare_state(data, NAMES, StartOptions(regions=tmp_path))
    state = prepare_state(data, NAMES)
    assert state.policies == tmp_path
    assert environment("payments", state, data)["TRIPTYCH_REGIONS"] == str(tmp_path)


def test_further_hosts_are_kept_and_given_to_the_gateway(data: DataDirectory) -> None:
    assert hosts_of(prepare_state(data, NAMES), data) == ["127.0.0.1", "localhost"]
    prepare_state(data, NAMES, StartOptions(hosts=("grants.example.org",)))
    assert hosts_of(prepare_state(data, NAMES), data) == ["127.0.0.1", "localhost", "grants.example.org"]
    assert hosts_of(prepare_state(data, NAMES, StartOptions(hosts=())), data) == ["127.0.0.1", "localhost"]


def hosts_of(state: State, data: DataDirectory) -> list[str]:
    return composition.gateway(state, data).environment()["HOSTS"].split()


@pytest.mark.parametrize("host", ["*", "", "a b", "a:80", "http://a", "a}", "{$PUBLIC}", "a\nb", "-a"])
def test_host_that_is_no_name_is_refused(host: str) -> None:
    """The names become a part of the gateway's configuration."""
    with pytest.raises(ValidationError):
        StartOptions(hosts=(host,))


def test_tls_is_on_with_certificate_files_until_it_is_off(data: DataDirectory, tmp_path: Path) -> None:
    with pytest.raises(ProcessFailed, match=r"has no certificate\.pem and no key\.pem"):
        prepare_state(data, NAMES, StartOptions(tls=tmp_path))
    write_certificate(tmp_path, "localhost")
    prepare_state(data, NAMES, StartOptions(tls=tmp_path))
    state = prepare_state(data, NAMES)
    assert state.gateway.startswith("https://")
    assert composition.gateway(state, data).environment()["CERTIFICATE_KEY"] == str(tmp_path / "key.pem")
    state = prepare_state(data, NAMES, StartOptions(tls=NO_TLS))
    assert state.gateway.startswith("http://")
    assert "TLS" not in composition.gateway(state, data).environment()


def test_services_read_revocations_from_people(data: DataDirectory) -> None:
    """And the keys from the file: nobody can take the port first and publish own ones."""
    state = prepare_state(data, NAMES)
    people = f"http://127.0.0.1:{state.ports['people']}/api/people"
    for name in ("payments", "people"):
        variables = environment(name, state, data)
        assert (variables["TRIPTYCH_JWKS_URL"], variables["TRIPTYCH_REVOCATIONS_URL"]) == (data.jwks.as_uri(), f"{people}/revocations")


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://login.example.org/jwks", True),
        ("file:///run/secrets/jwks.json", True),
        ("http://127.0.0.1:8080/jwks", True),
        ("http://[::1]:8080/jwks", True),
        ("http://localhost/jwks", True),
        ("http://login.example.org/jwks", False),
        ("http://localhost.example.org/jwks", False),
        ("http://127.0.0.1@login.example.org/jwks", False),
        ("http://10.0.0.1/jwks", False),
        ("ftp://127.0.0.1/jwks", False),
        ("/jwks.json", False),
        ("", False),
    ],
)
def test_key_address_that_others_can_answer_is_refused(data: DataDirectory, monkeypatch: pytest.MonkeyPatch, url: str, taken: bool) -> None:
    for name, value in environment("payments-worker", prepare_state(data, NAMES), data).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TRIPTYCH_JWKS_URL", url)
    if taken:
        assert ServiceSettings().jwks_url == url
    else:
        with pytest.raises(ValidationError, match="signing keys"):
            ServiceSettings()


def test_environment_overrides_apply_at_the_next_start(data: DataDirectory) -> None:
    program = Program("payments", "some.module", data, port=4711, environment=lambda: {"TRIPTYCH_DAY_SECONDS": "1", "KEPT": "yes"})
    file = data.environment_overrides("payments")
    file.parent.mkdir(parents=True)
    file.write_text('{"TRIPTYCH_DAY_SECONDS": "7"}')
    assert (variables := program.environment())["TRIPTYCH_DAY_SECONDS"] == "7"
    assert variables["KEPT"] == "yes"
    file.write_text('{"TRIPTYCH_DAY_SECONDS": ')
    with pytest.raises(ProcessFailed, match=r"payments\.json"):
        program.environment()
    file.unlink()
    assert program.environment()["TRIPTYCH_DAY_SECONDS"] == "1"


def test_broker_is_tansu_until_another_is_chosen(data: DataDirectory) -> None:
    assert prepare_state(data, NAMES).broker is BrokerKind.TANSU
    assert prepare_state(data, NAMES, StartOptions(broker=BrokerKind.KAFKA)).broker is BrokerKind.KAFKA
    state = prepare_state(data, NAMES)
    assert state.broker is BrokerKind.KAFKA
    assert environment("payments-worker", state, data)["TRIPTYCH_BROKER"] == "kafka"


def test_three_brokers_get_ports_and_controllers_of_their_own(data: DataDirectory) -> None:
    prepare_state(data, NAMES, StartOptions(broker=BrokerKind.KAFKA, brokers=3))
    state = prepare_state(data, NAMES, StartOptions(port_overrides={"broker-2": 4711, "broker-2-controller": 4712}))
    assert state.broker_names == ("broker-1", "broker-2", "broker-3")
    assert state.kafka == f"127.0.0.1:{state.ports['broker-1']},127.0.0.1:4711,127.0.0.1:{state.ports['broker-3']}"
    assert environment("payments-worker", state, data)["TRIPTYCH_BROKERS"] == "3"
    second = composition.brokers(state, data)[1]
    assert (second.name, second.port) == ("broker-2", state.ports["broker-2"])
    second.folder.mkdir(parents=True)
    second.prepare()
    properties = (second.folder / "server.properties").read_text()
    assert "advertised.listeners=PLAINTEXT://127.0.0.1:4711,CONTROLLER://127.0.0.1:4712\n" in properties
    assert "2@127.0.0.1:4712,3@127.0.0.1:" in properties
    assert prepare_state(data, NAMES).brokers == 3
    assert prepare_state(data, NAMES, StartOptions(brokers=1)).port_overrides == {}
    assert prepare_state(data, NAMES, StartOptions(broker=BrokerKind.TANSU)).brokers == 1


def test_three_brokers_mean_three_replicas_and_two_in_sync(data: DataDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    state = prepare_state(data, NAMES, StartOptions(broker=BrokerKind.KAFKA, brokers=3))
    for name, value in environment("payments-worker", state, data).items():
        monkeypatch.setenv(name, value)
    profile = ServiceSettings().broker_profile
    assert (profile.replication, profile.min_insync_replicas) == (3, 2)


def test_only_apache_kafka_runs_as_several_brokers(data: DataDirectory) -> None:
    with pytest.raises(ProcessFailed, match="Only Apache Kafka"):
        prepare_state(data, NAMES, StartOptions(brokers=3))


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        (StartOptions(), True),
        (StartOptions(broker=BrokerKind.KAFKA, brokers=1), True),
        (StartOptions(broker=BrokerKind.TANSU), False),
        (StartOptions(brokers=3), False),
    ],
)
def test_data_of_a_replaced_broker_is_deleted(data: DataDirectory, chosen: StartOptions, kept: bool) -> None:
    prepare_state(data, NAMES, StartOptions(broker=BrokerKind.KAFKA))
    (data.broker / "data").mkdir(parents=True)
    discard_replaced_broker(data, chosen)
    assert data.broker.exists() == kept


def test_each_process_gets_the_password_of_its_own_database_only(data: DataDirectory) -> None:
    state = prepare_state(data, NAMES)
    for service in ("applications", "evaluation", "payments", "vouchers"):
        variables = " ".join(environment(f"{service}-worker", state, data).values())
        assert [other for other in state.passwords if state.passwords[other] in variables] == [service]
    assert not set(environment("bank", state, data)) & {"TRIPTYCH_DATABASE_URL", "TRIPTYCH_HASH_KEY", "TRIPTYCH_KAFKA"}


def test_each_process_gets_the_signing_key_of_its_service_only(data: DataDirectory) -> None:
    state = prepare_state(data, NAMES)
    assert sorted(state.signing_keys) == sorted(SERVICES)
    for service in state.signing_keys:
        variables = environment(f"{service}-worker", state, data)
        assert [name for name, key in state.signing_keys.items() if key in " ".join(variables.values())] == [service]
        assert json.loads(variables["TRIPTYCH_EVENT_PUBLIC_KEYS"]) == {name: [it.public_key] for name, it in state.signers.items()}
    assert not [name for name in environment("bank", state, data) if "EVENT" in name]


def test_keys_are_kept_and_created_for_an_older_installation(data: DataDirectory) -> None:
    keys = prepare_state(data, NAMES).signing_keys
    assert prepare_state(data, NAMES).signing_keys == keys
    older = json.loads(data.state_file.read_text())
    del older["signing_keys"], older["event_public_keys"]
    data.state_file.write_text(json.dumps(older))
    state = prepare_state(data, NAMES)
    assert {service: keys[-1] for service, keys in state.event_public_keys.items()} == {
        service: signer.public_key for service, signer in state.signers.items()
    }


def test_rotated_key_is_accepted_beside_the_old_until_retired(data: DataDirectory) -> None:
    before = prepare_state(data, NAMES)
    rotate_keys(data, ["payments"])
    rotated = read_state(data)
    new = rotated.signers["payments"].public_key
    assert rotated.event_public_keys["payments"] == (*before.event_public_keys["payments"], new)
    retire_keys(data, ["payments"])
    assert read_state(data).event_public_keys == before.event_public_keys | {"payments": (new,)}
    assert {name: key for name, key in before.signing_keys.items() if read_state(data).signing_keys[name] != key}.keys() == {"payments"}


def test_temporal_and_bank_folders_go_to_their_users_only(data: DataDirectory) -> None:
    state = prepare_state(data, NAMES)
    names = ("applications", "evaluation", "payments", "vouchers", "vouchers-temporal", "bank")
    variables = {name: environment(name, state, data) for name in names}
    assert [name for name in names if "TRIPTYCH_TEMPORAL" in variables[name]] == ["vouchers", "vouchers-temporal"]
    assert [name for name in names if "TRIPTYCH_BANK_OUTGOING" in variables[name]] == ["payments", "bank"]
    assert "TRIPTYCH_BANK_BOOK" not in variables["payments"]


def test_compact_process_has_what_its_parts_have_and_no_more(data: DataDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting stays; a process of a service has the secrets of its API and workers, and of no other service."""
    monkeypatch.setenv("TRIPTYCH_OTLP", "http://localhost:4318")
    assert prepare_state(data, NAMES, StartOptions(compact=True)).compact
    state = prepare_state(data, composition._PROCESSES)
    assert state.compact
    for service in SERVICES:
        parts = (service, *workers_of(service))
        names = {name for part in parts for name in environment(part, state, data)} - {"TRIPTYCH_OTLP"}
        found = compact_environment(service, state, data)
        ports = {name: found.pop(name) for name in sorted(found.keys() - names)}
        assert found.keys() == names
        assert list(ports.values()) == [str(state.ports[name]) for name in sorted(parts[1:])]
