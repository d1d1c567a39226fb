"""What the embedded platform keeps and what it tells each process."""

import shutil
import socket
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.embedded import composition, ports, state
from deploy.embedded.composition import environment, forget_the_other_broker
from deploy.embedded.home import REGIONS, REPOSITORY, Home
from deploy.embedded.ports import LOOPBACK, free_port, is_free
from deploy.embedded.process import ProcessFailed
from deploy.embedded.program import Program
from deploy.embedded.state import Choice
from shared.messaging.profile import BrokerKind
from shared.runtime.settings import ServiceSettings

NAMES = ("postgres", "temporal", "caddy")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_before_the_first_start_there_is_nothing(home: Home) -> None:
    assert state.load(home) is None


def test_secrets_and_the_clock_outlive_a_restart(home: Home) -> None:
    first = state.prepare(home, NAMES)
    assert state.prepare(home, NAMES) == first == state.load(home)


def test_only_the_owner_reads_the_secrets(home: Home) -> None:
    state.prepare(home, NAMES)
    assert stat.S_IMODE(home.state.stat().st_mode) == 0o600


def test_the_clock_begins_on_the_first_of_december_and_runs_a_day_a_second(home: Home) -> None:
    kept = state.prepare(home, NAMES)
    assert kept.clock.at(kept.clock_real) == datetime(2025, 12, 1, tzinfo=UTC)
    assert kept.clock.at(kept.clock_real + timedelta(seconds=31)) == datetime(2026, 1, 1, tzinfo=UTC)


def test_the_length_of_a_day_is_chosen_at_the_first_start(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIPTYCH_DAY_SECONDS", "7")
    state.prepare(home, NAMES)
    monkeypatch.setenv("TRIPTYCH_DAY_SECONDS", "9")
    assert state.prepare(home, NAMES).day_seconds == 7


def test_ports_differ_and_stay_unless_taken(home: Home) -> None:
    first = state.prepare(home, NAMES).ports
    assert len(set(first.values())) == len({*NAMES, "broker"})
    with socket.create_server((LOOPBACK, first["broker"])):
        assert not is_free(first["broker"])
        second = state.prepare(home, NAMES).ports
    assert second["broker"] != first["broker"]
    assert second["postgres"] == first["postgres"]


def test_of_two_platforms_that_start_at_once_each_has_its_own_ports(home: Home, tmp_path: Path) -> None:
    drawn = state.prepare(home, NAMES).ports  # and not yet listened on
    other = Home(tmp_path / "other")
    shutil.copytree(home.root, other.root)
    script = (
        f"from pathlib import Path; from deploy.embedded import home, state; state.prepare(home.Home(Path({str(other.root)!r})), {NAMES!r})"
    )
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True)
    elsewhere = state.read(other)
    assert not set(elsewhere.ports.values()) & set(drawn.values())


def test_no_port_is_drawn_twice_though_nobody_listens_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_RANGE", (15_000, 15_200))
    drawn = [free_port() for _ in range(50)]
    assert len(set(drawn)) == 50


def test_a_chosen_port_of_the_one_address_is_taken_as_it_is(home: Home) -> None:
    assert state.prepare(home, NAMES, Choice(gateway_port=4711)).gateway == "http://127.0.0.1:4711"


def test_clients_are_led_over_links_and_servers_listen_where_they_did(home: Home) -> None:
    before = state.prepare(home, NAMES)
    state.prepare(home, NAMES, Choice(links={"postgres": 4711, "broker": 4712, "temporal": 4713, "caddy": 4714}))
    now = state.prepare(home, NAMES)  # as a restart finds it
    assert now.ports == before.ports
    assert "@127.0.0.1:4711/payments" in now.database_url("payments")
    assert "@127.0.0.1:4711/payments" in now.verify_url("payments")
    assert (now.kafka, now.temporal, now.gateway) == ("127.0.0.1:4712", "127.0.0.1:4713", "http://127.0.0.1:4714")
    assert state.prepare(home, NAMES, Choice(links={})).kafka == before.kafka


def test_a_link_that_would_lead_nowhere_is_refused(home: Home) -> None:
    with pytest.raises(ProcessFailed, match="postgers"):
        state.prepare(home, NAMES, Choice(links={"postgers": 4711}))
    port = state.prepare(home, NAMES, Choice(links={"postgres": 4711})).ports["postgres"]
    with socket.create_server((LOOPBACK, port)), pytest.raises(ProcessFailed, match=f"{port} of postgres"):
        state.prepare(home, NAMES)


def test_the_folder_of_the_policies_is_chosen_once_and_told_to_every_process(home: Home, tmp_path: Path) -> None:
    assert state.prepare(home, NAMES).policies == REGIONS
    state.prepare(home, NAMES, Choice(regions=tmp_path))
    now = state.prepare(home, NAMES)
    assert now.policies == tmp_path
    assert environment("payments", now, home)["TRIPTYCH_REGIONS"] == str(tmp_path)


def test_an_operator_has_the_last_word_on_what_a_process_is_told_at_its_next_start(home: Home) -> None:
    program = Program("payments", "some.module", home, port=4711, environment=lambda: {"TRIPTYCH_DAY_SECONDS": "1", "KEPT": "yes"})
    file = home.override("payments")
    file.parent.mkdir(parents=True)
    file.write_text('{"TRIPTYCH_DAY_SECONDS": "7"}')
    assert (told := program.environment())["TRIPTYCH_DAY_SECONDS"] == "7"
    assert told["KEPT"] == "yes"
    file.write_text('{"TRIPTYCH_DAY_SECONDS": ')
    with pytest.raises(ProcessFailed, match=r"payments\.json"):
        program.environment()
    file.unlink()
    assert program.environment()["TRIPTYCH_DAY_SECONDS"] == "1"


def test_the_broker_is_the_embedded_one_until_another_is_chosen_and_then_stays(home: Home) -> None:
    assert state.prepare(home, NAMES).broker is BrokerKind.TANSU
    assert state.prepare(home, NAMES, Choice(broker=BrokerKind.KAFKA)).broker is BrokerKind.KAFKA
    now = state.prepare(home, NAMES)
    assert now.broker is BrokerKind.KAFKA
    assert environment("payments-worker", now, home)["TRIPTYCH_BROKER"] == "kafka"


def test_three_brokers_are_three_processes_with_ports_and_votes_of_their_own_until_one_is_chosen_again(home: Home) -> None:
    state.prepare(home, NAMES, Choice(broker=BrokerKind.KAFKA, brokers=3))
    now = state.prepare(home, NAMES, Choice(links={"broker-2": 4711, "broker-2-controller": 4712}))
    assert now.broker_names == ("broker-1", "broker-2", "broker-3")
    assert now.kafka == f"127.0.0.1:{now.ports['broker-1']},127.0.0.1:4711,127.0.0.1:{now.ports['broker-3']}"
    assert environment("payments-worker", now, home)["TRIPTYCH_BROKERS"] == "3"
    second = composition.brokers(now, home)[1]
    assert (second.name, second.port) == ("broker-2", now.ports["broker-2"])
    second.folder.mkdir(parents=True)
    second.prepare()
    told = (second.folder / "server.properties").read_text()
    assert "advertised.listeners=PLAINTEXT://127.0.0.1:4711,CONTROLLER://127.0.0.1:4712\n" in told
    assert "2@127.0.0.1:4712,3@127.0.0.1:" in told
    assert state.prepare(home, NAMES).brokers == 3
    assert state.prepare(home, NAMES, Choice(brokers=1)).links == {}
    assert state.prepare(home, NAMES, Choice(broker=BrokerKind.TANSU)).brokers == 1


def test_a_service_that_is_told_of_three_brokers_asks_for_three_copies_and_two_acknowledgements(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = state.prepare(home, NAMES, Choice(broker=BrokerKind.KAFKA, brokers=3))
    for name, value in environment("payments-worker", now, home).items():
        monkeypatch.setenv(name, value)
    profile = ServiceSettings().broker_profile
    assert (profile.replication, profile.min_insync_replicas) == (3, 2)


def test_only_apache_kafka_runs_as_several(home: Home) -> None:
    with pytest.raises(ProcessFailed, match="Only Apache Kafka"):
        state.prepare(home, NAMES, Choice(brokers=3))


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        (Choice(), True),
        (Choice(broker=BrokerKind.KAFKA, brokers=1), True),
        (Choice(broker=BrokerKind.TANSU), False),
        (Choice(brokers=3), False),
    ],
)
def test_a_broker_that_is_left_forgets_what_it_held_so_that_it_never_comes_back_with_less(home: Home, chosen: Choice, kept: bool) -> None:
    state.prepare(home, NAMES, Choice(broker=BrokerKind.KAFKA))
    (home.broker / "data").mkdir(parents=True)
    forget_the_other_broker(home, chosen)
    assert home.broker.exists() == kept


def test_each_process_is_told_its_own_database_only(home: Home) -> None:
    now = state.prepare(home, NAMES)
    for service in ("applications", "evaluation", "payments", "vouchers"):
        told = " ".join(environment(f"{service}-worker", now, home).values())
        assert [other for other in now.passwords if now.passwords[other] in told] == [service]
    assert not set(environment("bank", now, home)) & {"TRIPTYCH_DATABASE_URL", "TRIPTYCH_HASH_KEY", "TRIPTYCH_KAFKA"}


def test_only_vouchers_knows_temporal_and_only_payments_and_bank_the_bank_files(home: Home) -> None:
    now = state.prepare(home, NAMES)
    names = ("applications", "evaluation", "payments", "vouchers", "vouchers-temporal", "bank")
    told = {name: environment(name, now, home) for name in names}
    assert [name for name in names if "TRIPTYCH_TEMPORAL" in told[name]] == ["vouchers", "vouchers-temporal"]
    assert [name for name in names if "TRIPTYCH_BANK_OUTGOING" in told[name]] == ["payments", "bank"]
    assert "TRIPTYCH_BANK_BOOK" not in told["payments"]
