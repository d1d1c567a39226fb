"""Whether the topics keep events in as many copies as the profile says.

Kafka takes a `min.insync.replicas` above the number of copies without an error, and then an acknowledged event is on one disk. A topic may
have been created by somebody else, or before there were three brokers.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.messaging.broker import client_options, close_in_time
from shared.messaging.profile import BrokerProfile

_ACKNOWLEDGING = "min.insync.replicas"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Copies:
    """Of a topic: the least number of copies of a partition, and how many have to acknowledge (None: the broker does not say)."""

    topic: str
    copies: int
    acknowledging: int | None


def in_too_few_copies(found: Iterable[Copies], profile: BrokerProfile) -> Iterator[Copies]:
    """The topics whose acknowledged events the loss of one broker may cost."""
    least = profile.min_insync_replicas
    return (one for one in found if one.copies < profile.replication or (one.acknowledging or least) < least)


async def report_copies(bootstrap: str, topics: list[str], profile: BrokerProfile) -> list[Copies]:
    """Logs an error for each topic in too few copies, and returns them. With one broker there is nothing to ask. KafkaError or OSError when
    the broker does not answer."""
    if profile.replication == 1:
        return []
    admin = AIOKafkaAdminClient(**client_options(bootstrap, profile), request_timeout_ms=10_000)
    try:
        await admin.start()
        described = await admin.describe_topics(topics)
        asked = [ConfigResource(ConfigResourceType.TOPIC, topic, {_ACKNOWLEDGING: None}) for topic in topics]
        settings = _settings_of(await admin.describe_configs(asked))
    finally:
        await close_in_time(admin.close)
    known = (topic for topic in described if topic["partitions"])  # a topic that is new to this broker was created by us just now
    found = (Copies(topic["topic"], _copies_of(topic), settings.get(topic["topic"])) for topic in known)
    few = list(in_too_few_copies(found, profile))
    for one in few:
        log.error(
            "topic keeps events in too few copies",
            topic=one.topic,
            copies=one.copies,
            acknowledging=one.acknowledging,
            copies_wanted=profile.replication,
            acknowledging_wanted=profile.min_insync_replicas,
        )
    return few


def _copies_of(topic: Mapping[str, Any]) -> int:
    return min(len(partition["replicas"]) for partition in topic["partitions"])


def _settings_of(answers: Iterable[Any]) -> dict[str, int]:
    """Topic → how many have to acknowledge; without those whose settings this user may not read."""
    return {
        name: int(entry[1])
        for answer in answers
        for code, _, _, name, entries in answer.resources
        for entry in entries
        if code == 0 and entry[0] == _ACKNOWLEDGING
    }
