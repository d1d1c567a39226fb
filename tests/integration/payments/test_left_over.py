"""What a round leaves is proposed for the next one, and moves when a person of finance confirms it. Source: issue 15, several cut-offs."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.payments.commands.confirm_envelope_change import confirm_envelope_change
from services.payments.tables import EnvelopeChangeRow, EnvelopeRow
from shared.kernel.vocabulary import MilestoneKind
from shared.policy.cut_offs import RoundRules
from tests.support.milestones import milestone
from tests.support.payments import Payments


async def ended(payments: Payments, call_id: UUID) -> None:
    """A second milestone is another event about the same end."""
    payments.clock.instant += timedelta(days=1)
    for _ in range(2):
        await payments.deliver(milestone(MilestoneKind.RESERVE_LIST_ENDS, call_id, payments.clock.instant, payments.region))


@pytest.mark.parametrize(("rule", "moved"), [("next", 30_000), ("stays", None), (None, None)])
async def test_left_over_of_a_round_is_proposed_once(payments: Payments, rule: Any, moved: int | None) -> None:
    payments.use(payments.policy.model_copy(update={"rounds": RoundRules(left_over=rule, waiting="refused") if rule else None}))
    one, two = [await payments.open_call(100_000, series="rolling", round_number=number) for number in (1, 2)]
    await payments.issued(one, 70_000)
    await ended(payments, one)
    proposed = await payments.rows(EnvelopeChangeRow)
    assert [(row.from_call_id, row.call_id, row.amount_minor, row.proposed_by) for row in proposed] == (
        [(one, two, moved, "system")] if moved else []
    )
    for row in proposed:
        await payments.run(confirm_envelope_change, payments.finance(1), row.id)
    assert {row.call_id: row.amount_minor for row in await payments.rows(EnvelopeRow)} == {
        one: 100_000 - (moved or 0),
        two: 100_000 + (moved or 0),
    }
    await ended(payments, two)
    assert len(await payments.rows(EnvelopeChangeRow)) == len(proposed), "the last round has no next one"
