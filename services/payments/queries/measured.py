"""What is measured of payments: outcomes that nobody knows, bank lines that match nothing, the hold, what is left of the envelopes."""

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlmodel import col

from services.payments.queries.desk import desk_of
from services.payments.queries.holds import hold_in_force
from services.payments.tables import EnvelopeRow
from shared.kernel.money import BASIS
from shared.messaging.context import Context
from shared.telemetry.measured import (
    ENVELOPE_AVAILABLE,
    ENVELOPE_SHARE,
    LINES_UNMATCHED,
    PAYMENTS_HELD,
    PAYMENTS_UNKNOWN,
    PAYMENTS_UNKNOWN_AGE,
    Measurement,
)


async def measured_payments(context: Context, regions: Collection[str]) -> list[Measurement]:
    """Each region has a value, also 0, so that an alert ends. A bank line of no region counts in each."""
    found = [Measurement(PAYMENTS_HELD, int(await hold_in_force(context) is not None))]
    for region in regions:
        desk, labels = await desk_of(context, [region]), {"region": region}
        since = desk.unknown.oldest_at or context.now
        found += [
            Measurement(PAYMENTS_UNKNOWN, desk.unknown.count, labels),
            Measurement(PAYMENTS_UNKNOWN_AGE, max(0.0, (context.now - since).total_seconds()), labels),
            Measurement(LINES_UNMATCHED, desk.unmatched.count, labels),
        ]
    envelopes = await context.session.scalars(select(EnvelopeRow).order_by(col(EnvelopeRow.call_id)))
    return [*found, *(one for envelope in envelopes for one in _left_of(envelope))]


def _left_of(envelope: EnvelopeRow) -> Iterator[Measurement]:
    labels = {"region": envelope.region, "call": str(envelope.call_id)}
    yield Measurement(ENVELOPE_AVAILABLE, envelope.available_minor, {**labels, "currency": envelope.currency})
    if envelope.amount_minor > 0:
        yield Measurement(ENVELOPE_SHARE, envelope.available_minor * BASIS // envelope.amount_minor, labels)
