"""One Apache Kafka process, broker and controller in one (KRaft)."""

import shutil
import subprocess
from pathlib import Path

from deploy.embedded.kafka import install
from deploy.embedded.ports import LOOPBACK, free_port
from deploy.embedded.process import ProcessFailed
from deploy.embedded.servers import Server

LOGGING = Path(__file__).with_name("log4j2.properties")
CLUSTER = "dHJpcHR5Y2gta2Fma2EtMQ"  # 16 bytes in base64, as Kafka wants it
FORMAT_SECONDS = 120
RETENTION_HOURS = 24 * 30
"""Of topics that do not state their own; ours do (shared/messaging/profile.py)."""


class Kafka(Server):
    """`address` is the bootstrap address; `folder/data` holds topics and offsets and outlives a restart.

    `advertised`: the address that it tells its clients, when it is another than where it listens. Topics come into being only
    when somebody creates them.
    """

    name = "broker"

    def __init__(self, folder: Path, *, port: int | None = None, advertised: str | None = None, log: Path | None = None) -> None:
        super().__init__(folder, port=port, log=log)
        self.advertised = advertised or self.address
        self.controller_port = free_port({self.port})
        self.data = folder / "data"
        self.configuration = folder / "server.properties"

    def prepare(self) -> None:
        """Writes the configuration with the ports of now, and formats the data folder before the first start."""
        self.configuration.write_text("".join(f"{name}={value}\n" for name, value in self._settings().items()))
        if not self.data.exists():
            self._format()

    def _format(self) -> None:
        """A folder half formatted, because the power went, must not pass for a whole one."""
        unfinished, configuration = self.folder / "data.unfinished", self.folder / "format.properties"
        shutil.rmtree(unfinished, ignore_errors=True)
        settings = self._settings() | {"log.dirs": str(unfinished)}
        configuration.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        command = [*self._java("-XX:TieredStopAtLevel=1"), "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(configuration)]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, env=self.environment(), cwd=self.folder, timeout=FORMAT_SECONDS
        )
        if done.returncode != 0:
            raise ProcessFailed(f"Formatting Kafka's folder failed:\n{done.stdout}{done.stderr}")
        unfinished.rename(self.data)

    def _settings(self) -> dict[str, str]:
        """Replication of Kafka's own topics is 1: there is one broker."""
        alone = ("offsets.topic.replication.factor", "transaction.state.log.replication.factor", "transaction.state.log.min.isr")
        share = ("share.coordinator.state.topic.replication.factor", "share.coordinator.state.topic.min.isr")
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{LOOPBACK}:{self.controller_port}",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://{LOOPBACK}:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.advertised}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": str(self.data),
            "auto.create.topics.enable": "false",
            "log.retention.hours": str(RETENTION_HOURS),
            "offsets.retention.minutes": str(RETENTION_HOURS * 60),
            "offsets.topic.num.partitions": "4",  # few groups
            "broker.session.timeout.ms": "4000",  # a broker that was killed is let in again when its last session is over
            "broker.heartbeat.interval.ms": "1000",
            "group.initial.rebalance.delay.ms": "0",  # a service has one consumer: nobody else is waited for
            **dict.fromkeys((*alone, *share), "1"),
        }

    def command(self) -> list[str]:
        return [*self._java("-Xms128m", "-Xmx512m"), "kafka.Kafka", str(self.configuration)]

    def _java(self, *options: str) -> list[str]:
        return [str(install.java()), *options, f"-Dlog4j2.configurationFile={LOGGING}", "-cp", f"{install.libraries()}/*"]
