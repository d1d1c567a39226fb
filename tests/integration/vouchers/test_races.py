"""Two at once: the row's lock lets one decide after the other."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.vouchers.commands.answer_offer import answer_offer
from services.vouchers.commands.review_voucher import review_voucher
from services.vouchers.commands.stop_voucher import withdraw_voucher
from services.vouchers.domain.stages import Stage
from services.vouchers.steps.voucher import locked
from services.vouchers.tables import VoucherRow
from shared.kernel.errors import Conflict
from tests.integration.vouchers.conftest import APPLICANT, Desk

COLUMNS = ", ".join(name for name in VoucherRow.model_fields if name not in ("id", "award_id"))
COPY = f"INSERT INTO vouchers (id, award_id, {COLUMNS}) SELECT gen_random_uuid(), gen_random_uuid(), {COLUMNS} FROM vouchers"


async def accept(desk: Desk, offer: VoucherRow) -> None:
    """Asked for in time, by the clock of the request."""
    async with desk.sessions.begin() as session:
        await answer_offer(desk.context(session, APPLICANT), offer.id, accept=True)


async def lapse(desk: Desk, offer: VoucherRow) -> None:
    assert offer.answer_by is not None
    async with desk.sessions.begin() as session:
        context = desk.context(session, now=offer.answer_by)
        await review_voucher(context, await locked(context, offer.id), desk.policy)


async def test_an_offer_is_accepted_or_lapses_but_never_both(desk: Desk) -> None:
    offers = [await desk.voucher(Stage.OFFERED) for _ in range(20)]
    for n, offer in enumerate(offers):
        racers = [accept(desk, offer), lapse(desk, offer)]
        results = await asyncio.gather(*racers[:: 1 if n % 2 else -1], return_exceptions=True)
        events = set(await desk.events(offer.id))
        state = (await desk.row(offer.id)).state
        refused = [result.code for result in results if isinstance(result, Conflict)]
        if "VoucherAccepted" in events:
            assert (state, "OfferLapsed" in events, refused) == (Stage.ACCEPTED, False, [])
        else:
            assert (state, "OfferLapsed" in events, refused) == (Stage.RELEASING, True, ["offer-lapsed"])


async def test_two_acceptances_at_once_bind_once(desk: Desk) -> None:
    offer = await desk.voucher(Stage.OFFERED)
    await asyncio.gather(*(accept(desk, offer) for _ in range(5)))
    assert (await desk.events(offer.id)).count("VoucherAccepted") == 1


async def test_an_acceptance_and_a_withdrawal_at_once_end_in_one_order(desk: Desk) -> None:
    offer = await desk.voucher(Stage.OFFERED)

    async def withdraw() -> None:
        async with desk.sessions.begin() as session:
            await withdraw_voucher(desk.context(session, APPLICANT), offer.id, "business-ended")

    await asyncio.gather(accept(desk, offer), withdraw(), return_exceptions=True)
    assert (await desk.row(offer.id)).state == Stage.RELEASING
    assert (await desk.events(offer.id)).count("FundsReleaseRequested") == 1


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
async def test_a_row_that_must_not_be_is_refused(desk: Desk, constraint: str, statement: str) -> None:
    offer = await desk.voucher(Stage.OFFERED)
    async with desk.sessions() as session:
        with pytest.raises(IntegrityError, match=constraint):
            await session.execute(text(statement))
    assert (await desk.row(offer.id)).state == Stage.OFFERED
