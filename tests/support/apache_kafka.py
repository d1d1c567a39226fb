"""Apache Kafka is part of the tests wherever Java and Maven are."""

import pytest

from deploy.embedded.kafka import install


def skip_without_apache_kafka() -> None:
    """Fetches it if need be."""
    reason = install.why_unavailable()
    if reason is not None:
        pytest.skip(reason)
