"""The events between the services. Importing this package declares them all."""

from shared.contracts import aid, applications, corrections, evaluation, payments, people, vouchers
from shared.messaging.event import Event, contracts

ALL: list[type[Event]] = contracts()
BY_TYPE: dict[str, type[Event]] = {type_: contract for contract in ALL for type_ in (contract.type, *contract.renamed)}
"""Contracts by type; the older types that a contract still reads are among the keys."""
TOPICS: list[str] = sorted({contract.topic for contract in ALL})

__all__ = ["ALL", "BY_TYPE", "TOPICS", "aid", "applications", "corrections", "evaluation", "payments", "people", "vouchers"]
