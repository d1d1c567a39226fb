"""Apache Kafka with TLS, SCRAM and access rights, as docker-compose.yml has it, and `deploy/kafka/principals.sh` run on it."""

import os
import subprocess
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from deploy.embedded.data_directory import REPOSITORY
from deploy.embedded.kafka import install
from deploy.embedded.kafka.server import Kafka
from deploy.embedded.ports import LOOPBACK, free_port, listens
from shared.kernel.services import SERVICES

PASSWORDS = {service: f"secret-of-{service}" for service in SERVICES}
TOOLS = {
    "kafka-configs.sh": "kafka.admin.ConfigCommand",
    "kafka-acls.sh": "org.apache.kafka.tools.AclCommand",
    "kafka-topics.sh": "org.apache.kafka.tools.TopicCommand",
}
PROGRAM = """#!/bin/sh
if [ -e "{classes}" ]; then keep=-XX:SharedArchiveFile; else keep=-XX:ArchiveClassesAtExit; fi
exec {run} "$keep={classes}" {main} "$@"
"""
"""The first run keeps its loaded classes for the others, of which there are forty: loading them takes most of their time."""


class SecuredKafka(Kafka):
    """`address` needs TLS and SCRAM; `admin` is the listener for administrators. `certificate` is what clients have to trust."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.admin = f"{LOOPBACK}:{free_port()}"
        self.certificate, self.store = folder / "broker.pem", folder / "store.pem"

    def prepare(self) -> None:
        certificate, key = _self_signed()
        self.certificate.write_bytes(certificate)
        self.store.write_bytes(key + certificate)
        super().prepare()

    def _settings(self) -> dict[str, str]:
        settings = super()._settings()
        listeners = {name: settings[name].replace("PLAINTEXT://", "CLIENTS://") for name in ("listeners", "advertised.listeners")}
        return {
            **settings,
            **{name: f"{value},ADMIN://{self.admin}" for name, value in listeners.items()},
            "inter.broker.listener.name": "ADMIN",
            "listener.security.protocol.map": "CLIENTS:SASL_SSL,ADMIN:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.clients.scram-sha-512.sasl.jaas.config": ("org.apache.kafka.common.security.scram.ScramLoginModule required;"),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.store),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
        }

    def is_ready(self) -> bool:
        return super().is_ready() and listens(int(self.admin.rpartition(":")[2]))

    def create_principals(self) -> None:
        """Runs the script of the deployment, with the programs that Kafka's image has in /opt/kafka/bin."""
        tools = self.folder / "bin"
        tools.mkdir(exist_ok=True)
        for name, main in TOOLS.items():
            program = tools / name
            run = f"{install.java()} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable -cp '{install.libraries()}/*'"
            program.write_text(PROGRAM.format(run=run, classes=f"{program}.jsa", main=main))
            program.chmod(0o700)
        passwords = {f"{service.upper()}_KAFKA_PASSWORD": password for service, password in PASSWORDS.items()}
        environment = {"PATH": os.defpath, "KAFKA_BIN": str(tools), "KAFKA_ADMIN": self.admin, **passwords}
        script = REPOSITORY / "deploy/kafka/principals.sh"
        done = subprocess.run(["/bin/sh", str(script)], check=False, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr


def _self_signed() -> tuple[bytes, bytes]:
    """A certificate for the loopback address and its private key, both PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker of the tests")])
    now = datetime.fromtimestamp(time.time(), UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
