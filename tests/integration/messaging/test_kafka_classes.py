"""A broker starts from the classes that were kept."""

import subprocess
from pathlib import Path

from deploy.embedded.kafka.classes import keep_classes
from deploy.embedded.kafka.server import Kafka
from tests.support.apache_kafka import skip_without_apache_kafka


def test_classes_are_kept_once_and_used(tmp_path: Path) -> None:
    skip_without_apache_kafka()
    kept = keep_classes()
    made = kept.stat().st_mtime_ns
    assert keep_classes().stat().st_mtime_ns == made
    java = Kafka(tmp_path)._java("-Xlog:class+load")
    shown = subprocess.run([*java, "kafka.tools.StorageTool", "random-uuid"], check=True, capture_output=True, text=True, timeout=60).stdout
    assert "org.apache.kafka.common.Uuid source: shared objects file (top)" in shown
