"""An Apache Kafka process, broker and controller in one (KRaft); alone, or one of several that keep the same topics."""

import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.kafka import install
from deploy.embedded.ports import LOOPBACK, free_port
from deploy.embedded.servers import Server
from shared.messaging.profile import BrokerKind, profile_of

LOGGING = Path(__file__).with_name("log4j2.properties")
CLUSTER = "dHJpcHR5Y2gta2Fma2EtMQ"  # 16 bytes in base64, as Kafka wants it
RETENTION_HOURS = 24 * 30
"""Of topics that do not state their own; ours do (shared/messaging/profile.py)."""


@dataclass(frozen=True)
class ClusterMember:
    """Which of several brokers one is. `quorum`: where each one's controller is reached by the others, that of node 1 first."""

    node: int
    controller_port: int
    quorum: tuple[str, ...]

    @classmethod
    def alone(cls) -> "ClusterMember":
        port = free_port()
        return cls(1, port, (f"{LOOPBACK}:{port}",))


class Kafka(Server):
    """`address` is the bootstrap address; `folder/data` holds topics and offsets and outlives a restart.

    `advertised`: the address that it tells clients and the other brokers, when it is another than where it listens. Topics come
    into being only when somebody creates them.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        advertised: str | None = None,
        log: Path | None = None,
        name: str = "broker",
        member: ClusterMember | None = None,
    ) -> None:
        self.name = name
        super().__init__(folder, port=port, log=log)
        self.advertised = advertised or self.address
        self.member = member or ClusterMember.alone()
        self.data, self.unfinished = folder / "data", folder / "data.unfinished"
        self.configuration, self.formatting = folder / "server.properties", folder / "format.properties"

    def prepare(self) -> None:
        """Writes the configuration with the ports of now."""
        shutil.rmtree(self.unfinished, ignore_errors=True)
        _write(self.configuration, self._settings())
        _write(self.formatting, self._settings() | {"log.dirs": str(self.unfinished)})

    def command(self) -> list[str]:
        """Before the first start, and when the disk is lost, the data folder is formatted; under another name first: a folder half
        formatted, because the power went, must not pass for a whole one."""
        # Several on one machine: a quick start with half the work weighs more than the last bit of speed.
        options = ("-Xmx512m",) if len(self.member.quorum) == 1 else ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        run = [*self._java("-Xms128m", *options), "kafka.Kafka", str(self.configuration)]
        if self.data.exists():
            return run
        form = [*self._java("-XX:TieredStopAtLevel=1"), "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(self.formatting)]
        rename = ["mv", str(self.unfinished), str(self.data)]
        return ["/bin/sh", "-c", f"{shlex.join(form)} && {shlex.join(rename)} && exec {shlex.join(run)}"]

    def _java(self, *options: str) -> list[str]:
        return [str(install.java()), *options, f"-Dlog4j2.configurationFile={LOGGING}", "-cp", f"{install.libraries()}/*"]

    def _settings(self) -> dict[str, str]:
        quorum, controller = self.member.quorum, self.member.quorum[self.member.node - 1]
        return {
            "process.roles": "broker,controller",
            "node.id": str(self.member.node),
            "controller.quorum.voters": ",".join(f"{node}@{address}" for node, address in enumerate(quorum, start=1)),
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://{LOOPBACK}:{self.member.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.advertised},CONTROLLER://{controller}",
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": str(self.data),
            "auto.create.topics.enable": "false",
            "unclean.leader.election.enable": "false",  # rather nothing than what lacks acknowledged events
            "log.retention.hours": str(RETENTION_HOURS),
            "offsets.retention.minutes": str(RETENTION_HOURS * 60),
            "offsets.topic.num.partitions": "4",  # few groups
            "broker.session.timeout.ms": "4000",  # a broker that was killed is let in again when its last session is over
            "broker.heartbeat.interval.ms": "1000",
            "replica.lag.time.max.ms": "10000",  # less than a relay waits for an acknowledgement
            "group.initial.rebalance.delay.ms": "0",  # a service has one consumer: nobody else is waited for
            **_copies(len(quorum)),
        }


def _copies(brokers: int) -> dict[str, str]:
    """Kafka's own topics are kept as ours are."""
    profile = profile_of(BrokerKind.KAFKA, brokers)
    replication = ("default.replication.factor", "offsets.topic.replication.factor", "transaction.state.log.replication.factor")
    insync = ("min.insync.replicas", "transaction.state.log.min.isr", "share.coordinator.state.topic.min.isr")
    return {
        **dict.fromkeys((*replication, "share.coordinator.state.topic.replication.factor"), str(profile.replication)),
        **dict.fromkeys(insync, str(profile.min_insync_replicas)),
    }


def _write(path: Path, settings: Mapping[str, str]) -> None:
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
