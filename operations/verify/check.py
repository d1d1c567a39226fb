"""The seven checks over one picture, and a second look at a platform that is still moving."""

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
from operations.verify.report import Report
from shared.contracts import BY_TYPE

CHECKS: tuple[Callable[[Facts], list[Breach]], ...] = (nothing_lost, one_payment, envelopes, one_decision, roles, lifecycles, replay)
SECOND_LOOK_SECONDS = 3


def check(facts: Facts) -> list[Breach]:
    """All breaches, by invariant. An event that its contract cannot read is one, and is not looked at further."""
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


async def verify(look: Callable[[], Awaitable[Facts]], *, settled: bool) -> Report:
    """`settled`: all has come to rest, so what is under way is a breach too.

    Otherwise a breach is only what is seen twice: the databases are read one after another, so that an event may be seen before
    its cause.
    """
    facts = await look()
    breaches = check(facts)
    if not settled and any(not breach.in_flight for breach in breaches):
        await asyncio.sleep(SECOND_LOOK_SECONDS)
        facts = await look()
        breaches = sorted(set(breaches) & set(check(facts)))
    return Report(facts, breaches, settled)
