"""Tests with Apache Kafka run where Java and Maven are available."""

import pytest

from deploy.embedded.kafka import install


def skip_without_apache_kafka() -> None:
    """Skips the test with the reason. Downloads Kafka if needed."""
    reason = install.why_unavailable()
    if reason is not None:
        pytest.skip(reason)
