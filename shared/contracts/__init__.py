"""The events between the services. Importing this package declares them all."""

from shared.contracts import applications, evaluation, payments, vouchers
from shared.messaging.event import Event, contracts

ALL: list[type[Event]] = contracts()
BY_TYPE: dict[str, type[Event]] = {contract.type: contract for contract in ALL}
TOPICS: list[str] = sorted({contract.topic for contract in ALL})

__all__ = ["ALL", "BY_TYPE", "TOPICS", "applications", "evaluation", "payments", "vouchers"]
