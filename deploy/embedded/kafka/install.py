"""Downloads Apache Kafka with Maven, once. `python -m deploy.embedded.kafka.install` prints where it is, or why it is unavailable."""

import os
import sys
from pathlib import Path

from deploy.embedded.data_directory import REPOSITORY
from deploy.embedded.maven import JavaProgram

KAFKA = JavaProgram("Apache Kafka", Path(__file__).with_name("pom.xml"), "copy-dependencies", REPOSITORY / ".kafka")
java, libraries, classes, why_unavailable = KAFKA.java, KAFKA.folder, KAFKA.classes, KAFKA.why_unavailable


if __name__ == "__main__":
    reason = why_unavailable()
    sys.stdout.write(
        f"{'Apache Kafka is in ' + os.path.relpath(libraries()) if reason is None else 'Apache Kafka is unavailable: ' + reason}\n"
    )
    sys.exit(reason is not None)
