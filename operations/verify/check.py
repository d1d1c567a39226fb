"""The eight checks over one set of facts; while work is in flight, over two."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from pydantic import ValidationError

from operations.verify.breach import Breach
from operations.verify.facts import Facts, Logged, case_of
from operations.verify.invariant_1_nothing_lost import nothing_lost
from operations.verify.invariant_2_one_payment import one_payment
from operations.verify.invariant_3_envelopes import envelopes
from operations.verify.invariant_4_one_decision import one_decision
from operations.verify.invariant_5_roles import roles
from operations.verify.invariant_6_lifecycles import lifecycles
from operations.verify.invariant_7_replay import replay
from operations.verify.invariant_8_record import record
from operations.verify.report import Report
from shared.contracts import BY_TYPE

CHECKS: tuple[Callable[[Facts], list[Breach]], ...] = (
    *(nothing_lost, one_payment, envelopes, one_decision, roles, lifecycles, replay),
    record,
)
SECOND_READING_SECONDS = 3


def check(facts: Facts) -> list[Breach]:
    """All breaches, by invariant. An event that its contract cannot read is a breach, and the checks leave it out."""
    unreadable = {event for event in facts.events if not _is_readable(event)}
    logs = {service: [event for event in log if event not in unreadable] for service, log in facts.logs.items()}
    found = [Breach(1, case_of(event), f"{event} cannot be read by its contract") for event in unreadable]
    return sorted({*found, *(breach for each in CHECKS for breach in each(replace(facts, logs=logs)))})


def _is_readable(event: Logged) -> bool:
    contract = BY_TYPE.get(event.type)
    try:
        return contract is not None and contract.model_validate(event.body) is not None
    except ValidationError:
        return False


async def verify(read_facts: Callable[[], Awaitable[Facts]], *, settled: bool) -> Report:
    """`settled`: no work is in flight, so unfinished work is a breach as well.

    Otherwise only a finding that a second reading confirms is a breach: the databases are read one after another, so an event may be
    seen without its cause.
    """
    facts = await read_facts()
    breaches = check(facts)
    if not settled and any(not breach.in_flight for breach in breaches):
        await asyncio.sleep(SECOND_READING_SECONDS)
        facts = await read_facts()
        breaches = sorted(set(breaches) & set(check(facts)))
    return Report(facts, breaches, settled)
