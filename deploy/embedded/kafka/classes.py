"""Keeps Kafka's classes as Java has them in memory, once: a start then takes about half the processor time.

`python -m deploy.embedded.kafka.classes` starts a broker for it and stops it. Java ignores what another release has kept.
"""

import tempfile
from pathlib import Path

from deploy.embedded.kafka import install
from deploy.embedded.kafka.server import Kafka

READY_SECONDS, DUMP_SECONDS = 120, 120


class RecordedKafka(Kafka):
    """Java writes the classes that were loaded when it ends."""

    def _java(self, *options: str) -> list[str]:
        return super()._java(*options, f"-XX:ArchiveClassesAtExit={self.recording}")

    @property
    def recording(self) -> Path:
        return self.folder / "classes.jsa"


def keep_classes() -> Path:
    """Returns where they are. Raises `MissingServer` when Kafka is unavailable, `ProcessFailed` when it does not start."""
    kept = install.classes()
    if not kept.exists():
        with tempfile.TemporaryDirectory(prefix="triptych-", dir=kept.parent) as folder:
            broker = RecordedKafka(Path(folder))
            broker.start()
            broker.wait_ready(READY_SECONDS)
            broker.stop(DUMP_SECONDS)
            broker.recording.rename(kept)
    return kept


if __name__ == "__main__":
    keep_classes()
