"""Who consumes which event, as the services declare it."""

from collections.abc import Mapping

from services.applications.subscribers import HANDLERS as APPLICATIONS
from services.evaluation.subscribers import HANDLERS as EVALUATION
from services.payments.subscribers import HANDLERS as PAYMENTS
from services.people.subscribers import HANDLERS as PEOPLE
from services.vouchers.subscribers import handlers as vouchers_handlers
from shared.contracts import ALL
from shared.messaging.event import Event

CONSUMED: Mapping[str, frozenset[type[Event]]] = {
    "applications": frozenset(APPLICATIONS),
    "evaluation": frozenset(EVALUATION),
    "vouchers": frozenset(vouchers_handlers(None)),  # type: ignore[arg-type] # only the keys are read
    "payments": frozenset(PAYMENTS),
    "people": frozenset(PEOPLE),
}
"""Service to the contracts that its inbox handles, in the order of a case's life."""


def publisher_of(contract: type[Event]) -> str:
    return contract.topic.partition(".")[0]


def consumers_of(contract: type[Event]) -> list[str]:
    return [service for service, contracts in CONSUMED.items() if contract in contracts]


def unread() -> list[str]:
    """Contracts that no service consumes and that name no reader."""
    return [contract.type for contract in ALL if not consumers_of(contract) and not contract.reader]
