"""Two commands at once: the row's lock orders them."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.review_voucher import review_voucher
from services.vouchers.commands.withdraw_voucher import withdraw_voucher
from services.vouchers.domain.stages import Stage
from services.vouchers.locks import lock_voucher
from services.vouchers.tables import VoucherRow
from shared.kernel.errors import Conflict
from tests.integration.vouchers.conftest import APPLICANT, Desk

COLUMNS = ", ".join(name for name in VoucherRow.model_fields if name not in ("id", "award_id"))
COPY = f"""
    WITH another AS (
        INSERT INTO awards SELECT gen_random_uuid(), application_id, call_id, region, organisation_id, scheme, policy_id, amount_minor,
            currency, granted_at FROM awards RETURNING id
    )
    INSERT INTO vouchers (id, award_id, {COLUMNS}) SELECT gen_random_uuid(), another.id, {COLUMNS} FROM vouchers, another
"""


async def accept(desk: Desk, offer: VoucherRow) -> None:
    """In time, by the clock of the request."""
    async with desk.sessions.begin() as session:
        await answer_offer(desk.context(session, APPLICANT), offer.id, accept=True)


async def lapse(desk: Desk, offer: VoucherRow) -> None:
    assert offer.answer_by is not None
    async with desk.sessions.begin() as session:
        context = desk.context(session, now=offer.answer_by)
        await review_voucher(context, await lock_voucher(context, offer.id), desk.policy)


async def test_acceptance_and_lapse_at_once_have_one_winner(desk: Desk) -> None:
    offers = [await desk.voucher(Stage.OFFERED) for _ in range(20)]
    for n, offer in enumerate(offers):
        racers = [accept(desk, offer), lapse(desk, offer)]
        results = await asyncio.gather(*racers[:: 1 if n % 2 else -1], return_exceptions=True)
        events = set(await desk.published(key=offer.id))
        state = await desk.state(offer.id)
        refused = [result.code for result in results if isinstance(result, Conflict)]
        if "VoucherAccepted" in events:
            assert (state, "OfferLapsed" in events, refused) == (Stage.ACCEPTED, False, [])
        else:
            assert (state, "OfferLapsed" in events, refused) == (Stage.RELEASING, True, ["offer-lapsed"])


async def test_acceptances_at_once_publish_once(desk: Desk) -> None:
    offer = await desk.voucher(Stage.OFFERED)
    await asyncio.gather(*(accept(desk, offer) for _ in range(5)))
    assert (await desk.published(key=offer.id)).count("VoucherAccepted") == 1


async def test_acceptance_and_withdrawal_at_once_release_once(desk: Desk) -> None:
    offer = await desk.voucher(Stage.OFFERED)

    async def withdraw() -> None:
        async with desk.sessions.begin() as session:
            await withdraw_voucher(desk.context(session, APPLICANT), offer.id, reason="business-ended")

    await asyncio.gather(accept(desk, offer), withdraw(), return_exceptions=True)
    assert await desk.state(offer.id) == Stage.RELEASING
    assert (await desk.published(key=offer.id)).count("FundsReleaseRequested") == 1


@pytest.mark.parametrize(
    ("constraint", "statement"),
    [
        ("closed_at_the_end", "UPDATE vouchers SET state = 'closed', outcome = 'settled'"),
        ("every_end_has_an_outcome", "UPDATE vouchers SET state = 'closed', closed_at = now()"),
        ("known_state", "UPDATE vouchers SET state = 'lost'"),
        ("offers_end", "UPDATE vouchers SET answer_by = NULL"),
        ("usable_when_issued", "UPDATE vouchers SET state = 'issued'"),
        ("issued_in_full", "UPDATE vouchers SET code = 'KRT-1'"),
        ("overdue_while_awaited", "UPDATE vouchers SET overdue_since = state_since"),
        ("one_live_voucher", COPY),
    ],
)
async def test_constraint_refuses_an_impossible_row(desk: Desk, constraint: str, statement: str) -> None:
    offer = await desk.voucher(Stage.OFFERED)
    async with desk.sessions() as session:
        with pytest.raises(IntegrityError, match=constraint):
            await session.execute(text(statement))
    assert await desk.state(offer.id) == Stage.OFFERED
