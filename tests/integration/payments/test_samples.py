"""A sample is drawn from the ledger as it stood at an instant; the figures say what the envelopes say."""

from datetime import timedelta

from services.payments.domain.sampling import SampleMethod
from services.payments.queries.figures import region_figures
from services.payments.queries.samples import draw_sample
from shared.identity.actor import Role
from tests.support.payments import Payments


async def test_sample_is_of_what_stood_paid_at_the_instant(payments: Payments) -> None:
    call_id = await payments.open_call(2_000_000)
    vouchers = [await payments.issued(call_id, 400_000) for _ in range(3)]
    for voucher, amount in zip(vouchers[:2], (100_000, 250_000), strict=True):
        await payments.paid(voucher, amount)
    auditor = payments.actor("auditor", Role.AUDITOR)
    before = payments.clock.instant + timedelta(seconds=1)
    payments.clock.instant += timedelta(days=2)
    for method in SampleMethod:
        sample = await payments.run(draw_sample, auditor, payments.region, method, "seed", 5, before)
        assert (sample.population, sample.population_minor) == (2, 350_000)
        assert {item.voucher_id: item.paid_minor for item in sample.items} == {vouchers[0].id: 100_000, vouchers[1].id: 250_000}
    await payments.paid(vouchers[2], 300_000)
    payments.clock.instant += timedelta(days=2)
    again = await payments.run(draw_sample, auditor, payments.region, SampleMethod.BY_AMOUNT, "seed", 5, before)
    assert again == sample
    now = await payments.run(draw_sample, auditor, payments.region, SampleMethod.BY_CHANCE, "seed", 5, None)
    assert (now.population, now.population_hash == sample.population_hash) == (3, False)
    [mine] = [view for view in await payments.run(region_figures, auditor) if view.region == payments.region]
    assert (mine.envelope.minor, mine.paid.minor, mine.claims) == (2_000_000, 650_000, {"accepted": 3})
    assert mine.paid.eur_minor == mine.paid.minor
    assert [(spread.stage, spread.cases) for spread in mine.spreads] == [("claim-to-decision", 3)]
