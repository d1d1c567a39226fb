"""An Apache Kafka process, broker and controller in one (KRaft): a single one, or one member of a cluster."""

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
CLUSTER = "dHJpcHR5Y2gta2Fma2EtMQ"  # Kafka requires 16 bytes in base64
RETENTION_HOURS = 24 * 30
"""For topics without a retention of their own; ours have one (shared/messaging/profile.py)."""


@dataclass(frozen=True)
class ClusterMember:
    """One broker of a cluster. `quorum`: the address at which each controller is reached by the others, that of node 1 first."""

    node: int
    controller_port: int
    quorum: tuple[str, ...]

    @classmethod
    def single(cls) -> "ClusterMember":
        port = free_port()
        return cls(1, port, (f"{LOOPBACK}:{port}",))


class Kafka(Server):
    """`address` is the bootstrap address. `folder/data` has topics and offsets and survives a restart.

    `advertised`: the address that clients and other brokers are directed to, if it differs from the one it listens on. Topics are
    never created automatically.
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
        self.member = member or ClusterMember.single()
        self.data, self.unfinished = folder / "data", folder / "data.unfinished"
        self.configuration, self.formatting = folder / "server.properties", folder / "format.properties"

    def prepare(self) -> None:
        """Writes the configuration files with the present ports."""
        shutil.rmtree(self.unfinished, ignore_errors=True)
        _write(self.configuration, self._settings())
        _write(self.formatting, self._settings() | {"log.dirs": str(self.unfinished)})

    def command(self) -> list[str]:
        """Formats the data folder first when there is none: before the first start, and after the disk was lost.

        The folder has a temporary name until it is complete: after a power cut, half a folder must not be taken for a whole one.
        """
        # It starts more quickly with the simplest compiler and collector, and takes as many events a second (`bench messaging`).
        options = ("-Xms128m", f"-Xmx{512 if len(self.member.quorum) == 1 else 256}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        run = [*self._java(*options), "kafka.Kafka", str(self.configuration)]
        if self.data.exists():
            return run
        formatting = [
            *self._java("-XX:TieredStopAtLevel=1"),
            "kafka.tools.StorageTool",
            "format",
            "-t",
            CLUSTER,
            "-c",
            str(self.formatting),
        ]
        rename = ["mv", str(self.unfinished), str(self.data)]
        return ["/bin/sh", "-c", f"{shlex.join(formatting)} && {shlex.join(rename)} && exec {shlex.join(run)}"]

    def _java(self, *options: str) -> list[str]:
        if (kept := install.classes()).exists():  # without them Java looks for each class in the jars
            options = (*options, f"-XX:SharedArchiveFile={kept}")
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
            "unclean.leader.election.enable": "false",  # better no leader than one without acknowledged events
            "log.retention.hours": str(RETENTION_HOURS),
            "offsets.retention.minutes": str(RETENTION_HOURS * 60),
            "offsets.topic.num.partitions": "4",  # there are few consumer groups
            "broker.session.timeout.ms": "4000",  # a killed broker can rejoin when its last session has expired
            "broker.heartbeat.interval.ms": "1000",
            "replica.lag.time.max.ms": "10000",  # less than the relay's timeout for an acknowledgement
            "group.initial.rebalance.delay.ms": "0",  # a service has one consumer, so there is no other to wait for
            **_replication(len(quorum)),
        }


def _replication(brokers: int) -> dict[str, str]:
    """Kafka's own topics get the replication of our topics."""
    profile = profile_of(BrokerKind.KAFKA, brokers)
    factors = ("default.replication.factor", "offsets.topic.replication.factor", "transaction.state.log.replication.factor")
    insync = ("min.insync.replicas", "transaction.state.log.min.isr", "share.coordinator.state.topic.min.isr")
    return {
        **dict.fromkeys((*factors, "share.coordinator.state.topic.replication.factor"), str(profile.replication)),
        **dict.fromkeys(insync, str(profile.min_insync_replicas)),
    }


def _write(path: Path, settings: Mapping[str, str]) -> None:
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
