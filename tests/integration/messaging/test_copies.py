"""Topics whose acknowledged events stand on one disk, although two brokers are to acknowledge."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from deploy.embedded.kafka.server import Kafka
from shared.messaging.broker import ensure_topics
from shared.messaging.copies import Copies, in_too_few_copies, report_copies
from shared.messaging.profile import BrokerKind, profile_of
from tests.integration.messaging.conftest import remove_topics

THREE = profile_of(BrokerKind.KAFKA, 3)


@pytest.mark.parametrize(
    ("copies", "acknowledging", "reported"),
    [(3, 2, False), (3, 3, False), (3, None, False), (1, 2, True), (1, None, True), (2, 2, True), (3, 1, True), (1, 1, True)],
)
def test_topic_needs_its_copies_and_acknowledgements(copies: int, acknowledging: int | None, reported: bool) -> None:
    found = Copies("a", copies, acknowledging)
    assert list(in_too_few_copies([found], THREE)) == ([found] if reported else [])


@pytest_asyncio.fixture
async def one_copy(kafka: Kafka) -> AsyncIterator[str]:
    """Topics of a time when there was one broker, with the setting for three: Kafka takes it."""
    await ensure_topics(kafka.address, ["evaluation.cases"], replace(THREE, replication=1))
    await ensure_topics(kafka.address, ["evaluation.decisions"], profile_of(BrokerKind.KAFKA))
    yield kafka.address
    await remove_topics(kafka.address)


async def test_start_reports_topics_in_one_copy(one_copy: str) -> None:
    topics = ["evaluation.cases", "evaluation.decisions"]
    found: list[Copies] = []
    async with asyncio.timeout(10):
        while len(found) < len(topics):  # created, and not yet known to the broker's readers
            with capture_logs() as logs:
                found = await report_copies(one_copy, topics, THREE)
    reported = sorted((one.topic, one.copies, one.acknowledging) for one in found)
    assert reported == [("evaluation.cases", 1, 2), ("evaluation.decisions", 1, 1)]
    assert [(log["log_level"], log["copies_wanted"], log["acknowledging_wanted"]) for log in logs] == [("error", 3, 2)] * 2
    assert await report_copies(one_copy, topics, profile_of(BrokerKind.KAFKA)) == []
