"""What the embedded platform keeps and what it tells each process."""

import shutil
import socket
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.embedded import composition, ports
from deploy.embedded.composition import discard_replaced_broker, environment
from deploy.embedded.data_directory import REGIONS, REPOSITORY, DataDirectory
from deploy.embedded.ports import LOOPBACK, free_port, is_free
from deploy.embedded.process import ProcessFailed
from deploy.embedded.program import Program
from deploy.embedded.state import StartOptions, load_state, prepare_state, read_state
from shared.messaging.profile import BrokerKind
from shared.runtime.settings import ServiceSettings

NAMES = ("postgres", "temporal", "caddy")


@pytest.fixture
def data(tmp_path: Path) -> DataDirectory:
    return DataDirectory(tmp_path / "home")


def test_before_the_first_start_there_is_nothing(data: DataDirectory) -> None:
    assert load_state(data) is None


def test_secrets_and_the_clock_outlive_a_restart(data: DataDirectory) -> None:
    first = prepare_state(data, NAMES)
    assert prepare_state(data, NAMES) == first == load_state(data)


def test_only_the_owner_reads_the_secrets(data: DataDirectory) -> None:
    prepare_state(data, NAMES)
    assert stat.S_IMODE(data.state_file.stat().st_mode) == 0o600


def test_the_clock_begins_on_the_first_of_december_and_runs_a_day_a_second(data: DataDirectory) -> None:
    kept = prepare_state(data, NAMES)
    assert kept.clock.at(kept.clock_real) == datetime(2025, 12, 1, tzinfo=UTC)
    assert kept.clock.at(kept.clock_real + timedelta(seconds=31)) == datetime(2026, 1, 1, tzinfo=UTC)


def test_the_length_of_a_day_is_chosen_at_the_first_start(data: DataDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_of_two_platforms_that_start_at_once_each_has_its_own_ports(data: DataDirectory, tmp_path: Path) -> None:
    drawn = prepare_state(data, NAMES).ports  # and not yet listened on
    other = DataDirectory(tmp_path / "other")
    shutil.copytree(data.root, other.root)
    script = (
        f"from pathlib import Path; from deploy.embedded.data_directory import DataDirectory as D; "
        f"from deploy.embedded.state import prepare_state; prepare_state(D(Path({str(other.root)!r})), {NAMES!r})"
    )
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True)
    elsewhere = read_state(other)
    assert not set(elsewhere.ports.values()) & set(drawn.values())


def test_no_port_is_drawn_twice_though_nobody_listens_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_RANGE", (15_000, 15_200))
    drawn = [free_port() for _ in range(50)]
    assert len(set(drawn)) == 50


def test_a_chosen_port_of_the_one_address_is_taken_as_it_is(data: DataDirectory) -> None:
    assert prepare_state(data, NAMES, StartOptions(gateway_port=4711)).gateway == "http://127.0.0.1:4711"


def test_clients_are_led_over_links_and_servers_listen_where_they_did(data: DataDirectory) -> None:
    before = prepare_state(data, NAMES)
    prepare_state(data, NAMES, StartOptions(port_overrides={"postgres": 4711, "broker": 4712, "temporal": 4713, "caddy": 4714}))
    now = prepare_state(data, NAMES)  # as a restart finds it
    assert now.ports == before.ports
    assert "@127.0.0.1:4711/payments" in now.database_url("payments")
    assert "@127.0.0.1:4711/payments" in now.verify_url("payments")
    assert (now.kafka, now.temporal, now.gateway) == ("127.0.0.1:4712", "127.0.0.1:4713", "http://127.0.0.1:4714")
    assert prepare_state(data, NAMES, StartOptions(port_overrides={})).kafka == before.kafka


def test_a_link_that_would_lead_nowhere_is_refused(data: DataDirectory) -> None:
    with pytest.raises(ProcessFailed, match="postgers"):
        prepare_state(data, NAMES, StartOptions(port_overrides={"postgers": 4711}))
    port = prepare_state(data, NAMES, StartOptions(port_overrides={"postgres": 4711})).ports["postgres"]
    with socket.create_server((LOOPBACK, port)), pytest.raises(ProcessFailed, match=f"{port} of postgres"):
        prepare_state(data, NAMES)


def test_the_folder_of_the_policies_is_chosen_once_and_told_to_every_process(data: DataDirectory, tmp_path: Path) -> None:
    assert prepare_state(data, NAMES).policies == REGIONS
    prepare_state(data, NAMES, StartOptions(regions=tmp_path))
    now = prepare_state(data, NAMES)
    assert now.policies == tmp_path
    assert environment("payments", now, data)["TRIPTYCH_REGIONS"] == str(tmp_path)


def test_an_operator_has_the_last_word_on_what_a_process_is_told_at_its_next_start(data: DataDirectory) -> None:
    program = Program("payments", "some.module", data, port=4711, environment=lambda: {"TRIPTYCH_DAY_SECONDS": "1", "KEPT": "yes"})
    file = data.environment_overrides("payments")
    file.parent.mkdir(parents=True)
    file.write_text('{"TRIPTYCH_DAY_SECONDS": "7"}')
    assert (told := program.environment())["TRIPTYCH_DAY_SECONDS"] == "7"
    assert told["KEPT"] == "yes"
    file.write_text('{"TRIPTYCH_DAY_SECONDS": ')
    with pytest.raises(ProcessFailed, match=r"payments\.json"):
        program.environment()
    file.unlink()
    assert program.environment()["TRIPTYCH_DAY_SECONDS"] == "1"


def test_the_broker_is_the_embedded_one_until_another_is_chosen_and_then_stays(data: DataDirectory) -> None:
    assert prepare_state(data, NAMES).broker is BrokerKind.TANSU
    assert prepare_state(data, NAMES, StartOptions(broker=BrokerKind.KAFKA)).broker is BrokerKind.KAFKA
    now = prepare_state(data, NAMES)
    assert now.broker is BrokerKind.KAFKA
    assert environment("payments-worker", now, data)["TRIPTYCH_BROKER"] == "kafka"


def test_three_brokers_are_three_processes_with_ports_and_votes_of_their_own_until_one_is_chosen_again(data: DataDirectory) -> None:
    prepare_state(data, NAMES, StartOptions(broker=BrokerKind.KAFKA, brokers=3))
    now = prepare_state(data, NAMES, StartOptions(port_overrides={"broker-2": 4711, "broker-2-controller": 4712}))
    assert now.broker_names == ("broker-1", "broker-2", "broker-3")
    assert now.kafka == f"127.0.0.1:{now.ports['broker-1']},127.0.0.1:4711,127.0.0.1:{now.ports['broker-3']}"
    assert environment("payments-worker", now, data)["TRIPTYCH_BROKERS"] == "3"
    second = composition.brokers(now, data)[1]
    assert (second.name, second.port) == ("broker-2", now.ports["broker-2"])
    second.folder.mkdir(parents=True)
    second.prepare()
    told = (second.folder / "server.properties").read_text()
    assert "advertised.listeners=PLAINTEXT://127.0.0.1:4711,CONTROLLER://127.0.0.1:4712\n" in told
    assert "2@127.0.0.1:4712,3@127.0.0.1:" in told
    assert prepare_state(data, NAMES).brokers == 3
    assert prepare_state(data, NAMES, StartOptions(brokers=1)).port_overrides == {}
    assert prepare_state(data, NAMES, StartOptions(broker=BrokerKind.TANSU)).brokers == 1


def test_a_service_that_is_told_of_three_brokers_asks_for_three_copies_and_two_acknowledgements(
    data: DataDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = prepare_state(data, NAMES, StartOptions(broker=BrokerKind.KAFKA, brokers=3))
    for name, value in environment("payments-worker", now, data).items():
        monkeypatch.setenv(name, value)
    profile = ServiceSettings().broker_profile
    assert (profile.replication, profile.min_insync_replicas) == (3, 2)


def test_only_apache_kafka_runs_as_several(data: DataDirectory) -> None:
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
def test_a_broker_that_is_left_forgets_what_it_held_so_that_it_never_comes_back_with_less(
    data: DataDirectory, chosen: StartOptions, kept: bool
) -> None:
    prepare_state(data, NAMES, StartOptions(broker=BrokerKind.KAFKA))
    (data.broker / "data").mkdir(parents=True)
    discard_replaced_broker(data, chosen)
    assert data.broker.exists() == kept


def test_each_process_is_told_its_own_database_only(data: DataDirectory) -> None:
    now = prepare_state(data, NAMES)
    for service in ("applications", "evaluation", "payments", "vouchers"):
        told = " ".join(environment(f"{service}-worker", now, data).values())
        assert [other for other in now.passwords if now.passwords[other] in told] == [service]
    assert not set(environment("bank", now, data)) & {"TRIPTYCH_DATABASE_URL", "TRIPTYCH_HASH_KEY", "TRIPTYCH_KAFKA"}


def test_only_vouchers_knows_temporal_and_only_payments_and_bank_the_bank_files(data: DataDirectory) -> None:
    now = prepare_state(data, NAMES)
    names = ("applications", "evaluation", "payments", "vouchers", "vouchers-temporal", "bank")
    told = {name: environment(name, now, data) for name in names}
    assert [name for name in names if "TRIPTYCH_TEMPORAL" in told[name]] == ["vouchers", "vouchers-temporal"]
    assert [name for name in names if "TRIPTYCH_BANK_OUTGOING" in told[name]] == ["payments", "bank"]
    assert "TRIPTYCH_BANK_BOOK" not in told["payments"]
