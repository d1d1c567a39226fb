"""docs/pictures/events.md: every event with its publisher, its consumers, and who else reads it."""

from shared.contracts import ALL
from shared.messaging.event import Event
from tools.pictures.handlers import CONSUMED, consumers_of, publisher_of


def page() -> str:
    services = list(CONSUMED)
    lines = ["# Who publishes and who consumes which event", "", "● publishes, ○ consumes.", ""]
    lines += [f"| event | {' | '.join(services)} | other readers |", f"|---|{':-:|' * len(services)}---|"]
    for service in services:
        lines += [_row(contract, services) for contract in ALL if publisher_of(contract) == service]
    return "\n".join(lines)


def _row(contract: type[Event], services: list[str]) -> str:
    consumers = consumers_of(contract)
    marks = ["●" * (service == publisher_of(contract)) + "○" * (service in consumers) for service in services]
    return f"| {contract.__name__} | {' | '.join(marks)} | {contract.reader} |"
